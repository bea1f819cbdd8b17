# Functions of elements.
import torch

x = torch.tensor([-1.5, -0.5, 0.0, 0.5, 1.5])
print(x.abs(), x.sign(), x.neg(), x.square())
print(x.floor(), x.ceil(), x.round(), x.trunc(), x.frac())
print(x.exp(), x.expm1(), x.abs().log1p(), (x + 2).log(), (x + 2).log2(), (x + 2).log10())
print(x.sin(), x.cos(), x.tan(), x.tanh(), torch.atan(x), torch.sinh(x))
print(torch.asin(x / 2), torch.acos(x / 2), torch.atan2(x, torch.ones(5)))
print(x.sigmoid(), x.relu(), torch.erf(x), (x + 2).rsqrt(), (x + 2).reciprocal())
print(torch.pow(x, 3), torch.pow(2, x), torch.fmod(x, 1), torch.remainder(x, 1), x % 1, x // 1)
print(torch.lerp(torch.zeros(2), torch.ones(2), 0.25), torch.hypot(torch.tensor(3.), torch.tensor(4.)), torch.lgamma(torch.tensor(5.)))
print(torch.log(torch.tensor([0., -1.])), torch.sqrt(torch.tensor(-1.)), 1 / torch.tensor(0.), torch.tensor(0.) / 0)
