# k-means on six points.
import torch

points = torch.tensor([[0., 0.], [0., 1.], [1., 0.], [8., 8.], [9., 8.], [8., 9.]])
centers = points[[0, 1]].clone()
for iteration in range(10):
    distances = ((points[:, None] - centers[None]) ** 2).sum(-1)
    labels = distances.argmin(dim=1)
    new = torch.stack([points[labels == k].mean(dim=0) for k in range(2)])
    print(iteration, labels.tolist(), new.tolist() if iteration == 0 else "")
    if torch.allclose(new, centers):
        break
    centers = new
print(centers)
print(distances.gather(1, labels[:, None]).sum())
