import torch


def kmeans(x, k, n_iter=10):
    idx = torch.randperm(x.shape[0])[:k]
    centers = x[idx].clone()
    for it in range(n_iter):
        dist = torch.cdist(x, centers)
        labels = dist.argmin(dim=1)
        new = torch.zeros_like(centers).index_add_(0, labels, x)
        counts = torch.bincount(labels, minlength=k).clamp(min=1).unsqueeze(1)
        new = new / counts
        shift = torch.norm(new - centers)
        centers = new
        if shift < 1e-6:
            print('converged at', it)
            break
    return centers, labels


torch.manual_seed(4)
blobs = [torch.randn(30, 2) * 0.3 + torch.tensor(c) for c in ((0., 0.), (3., 3.), (0., 4.))]
x = torch.vstack(blobs)
centers, labels = kmeans(x, 3)
print(centers[centers[:, 0].argsort()].round(decimals=2))
values, counts = torch.unique(labels, return_counts=True)
print(values, counts)
u, inv = labels.unique(return_inverse=True)
print(u, inv.shape, torch.equal(u[inv], labels))
inertia = sum(((x[labels == j] - centers[j]) ** 2).sum() for j in range(3))
print(f"{inertia:.3f}")
sums = torch.zeros(3, 2).scatter_add_(0, labels.unsqueeze(1).expand(-1, 2), x)
print(torch.allclose(sums / counts[:, None], centers, atol=1e-5))
onehot = torch.nn.functional.one_hot(labels, num_classes=3)
print(onehot.sum(0), onehot[:2])
