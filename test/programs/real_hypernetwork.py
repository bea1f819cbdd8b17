import torch
import torch.nn as nn
import torch.nn.functional as F


class HyperNetwork(nn.Module):
    """Makes the weights of a small network from a code."""

    def __init__(self, z_dim=2, n_in=3, n_hidden=5):
        super().__init__()
        self.shapes = [(n_hidden, n_in), (n_hidden,), (1, n_hidden), (1,)]
        total = sum(torch.Size(s).numel() for s in self.shapes)
        self.net = nn.Sequential(nn.Linear(z_dim, 16), nn.ELU(), nn.Linear(16, total))

    def forward(self, z):
        flat = self.net(z)
        out, k = [], 0
        for s in self.shapes:
            n = torch.Size(s).numel()
            out.append(flat[k:k + n].view(*s))
            k += n
        return out


def target(x, w1, b1, w2, b2):
    return F.linear(torch.tanh(F.linear(x, w1, b1)), w2, b2)


torch.manual_seed(0)
hyper = HyperNetwork()
codes = nn.Embedding(3, 2)
tasks = [lambda x: x.sum(-1, keepdim=True), lambda x: x[:, :1] * 2, lambda x: -x[:, 1:2]]
opt = torch.optim.Adam([*hyper.parameters(), *codes.parameters()], lr=1e-2)
x = torch.randn(20, 3)
for it in range(31):
    loss = 0
    for i, task in enumerate(tasks):
        loss = loss + F.mse_loss(target(x, *hyper(codes(torch.tensor(i)))), task(x))
    opt.zero_grad()
    loss.backward()
    opt.step()
    if it % 10 == 0:
        print(it, f'{loss / 3:.4f}')
print(nn.utils.parameters_to_vector(hyper.parameters()).shape, codes.weight.grad.shape)

# spectral norm by power iteration, weight norm by hand
W = torch.randn(4, 6, requires_grad=True)
u = F.normalize(torch.randn(4), dim=0)
with torch.no_grad():
    for _ in range(50):
        v = F.normalize(W.t() @ u, dim=0, eps=1e-12)
        u = F.normalize(W @ v, dim=0, eps=1e-12)
sigma = torch.dot(u, torch.mv(W, v))
print(torch.allclose(sigma, torch.linalg.matrix_norm(W, 2), atol=1e-4))
(g,) = torch.autograd.grad(sigma, W)
print(torch.allclose(g, torch.outer(u, v), atol=1e-6))
# gradient penalty
critic = nn.Sequential(nn.Linear(2, 8), nn.LeakyReLU(0.2), nn.Linear(8, 1))
real, fake = torch.randn(6, 2), torch.randn(6, 2)
eps = torch.rand(6, 1)
inter = (eps * real + (1 - eps) * fake).requires_grad_(True)
scores = critic(inter)
grads = torch.autograd.grad(outputs=scores, inputs=inter, grad_outputs=torch.ones_like(scores), create_graph=True, retain_graph=True, only_inputs=True)[0]
gp = ((grads.view(6, -1).norm(2, dim=1) - 1) ** 2).mean()
gp.backward()
print(f"{gp.item():.4f}", [None if p.grad is None else f'{p.grad.norm():.4f}' for p in critic.parameters()])
