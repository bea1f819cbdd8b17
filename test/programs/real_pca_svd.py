import torch

torch.manual_seed(0)
X = torch.randn(60, 5) @ torch.diag(torch.tensor([3., 2., 1., 0.1, 0.05]))
Xc = X - X.mean(0)
U, S, Vh = torch.linalg.svd(Xc, full_matrices=False)
print(U.shape, S.shape, Vh.shape)
explained = S ** 2 / (len(X) - 1)
ratio = explained / explained.sum()
print([f"{r:.3f}" for r in ratio.tolist()])
print(torch.cumsum(ratio, dim=0) > 0.95)
cov = torch.cov(Xc.T)
evals, evecs = torch.linalg.eigh(cov)
print(torch.allclose(evals.flip(0), explained, atol=1e-5))
k = 2
Z = Xc @ Vh[:k].T
recon = Z @ Vh[:k]
print(f"reconstruction error {((Xc - recon) ** 2).mean():.4f}")
print(Vh.abs().argmax(dim=1))
print(torch.dist(Vh @ Vh.T, torch.eye(5)) < 1e-5)
U2, S2, V2 = torch.svd(Xc)
print((S2 - S).abs().max() < 1e-4)
print(torch.linalg.matrix_rank(recon), torch.linalg.cond(cov) > 1000)
Q, R = torch.linalg.qr(Xc)
print(torch.allclose(Q @ R, Xc, atol=1e-5), torch.tril(R, -1).abs().sum())
pinv = torch.linalg.pinv(Xc)
print(pinv.shape, (pinv @ Xc - torch.eye(5)).norm() < 1e-3)
