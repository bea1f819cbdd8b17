import torch
from torch import nn

maturities = torch.tensor([0.25, 0.5, 1, 2, 3, 5, 7, 10, 20, 30])
yields = torch.tensor([5.2, 5.1, 4.9, 4.5, 4.3, 4.1, 4.15, 4.2, 4.5, 4.4]) / 100


class NelsonSiegel(nn.Module):
    def __init__(self):
        super().__init__()
        self.beta = nn.Parameter(torch.tensor([0.04, 0.01, 0.0]))
        self.raw_tau = nn.Parameter(torch.tensor(1.0))

    @property
    def tau(self):
        return nn.functional.softplus(self.raw_tau)

    def forward(self, t):
        x = t / self.tau
        f1 = (1 - torch.exp(-x)) / x
        f2 = f1 - torch.exp(-x)
        b0, b1, b2 = self.beta
        return b0 + b1 * f1 + b2 * f2


model = NelsonSiegel()
optimizer = torch.optim.LBFGS(model.parameters(), lr=1, max_iter=50, line_search_fn="strong_wolfe")


def closure():
    optimizer.zero_grad()
    loss = ((model(maturities) - yields) * 1e4).pow(2).mean()
    loss.backward()
    return loss


start = closure().item()
optimizer.step(closure)
end = closure().item()
print(f'{start:.0f} bp^2 at first, below 100 now: {end < 100}')
print({name: list(p.shape) for name, p in model.named_parameters()})
curve = model(torch.tensor([4., 15.]))
print(['%.1f%%' % (100 * v) for v in curve.tolist()])
assert model.tau > 0
discount = torch.exp(-yields * maturities)
print(discount)
print(((discount[:-1] > discount[1:]).all()).item())
