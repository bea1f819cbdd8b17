# Parametrized weights, weight norm, spectral norm: both ways of them.
import torch
from torch import nn
from torch.nn.utils import parametrizations, parametrize, parameters_to_vector, vector_to_parameters


class Symmetric(nn.Module):
    def forward(self, x):
        return x.triu() + x.triu(1).transpose(-1, -2)

    def right_inverse(self, x):
        return x.triu()


class Negative(nn.Module):
    def forward(self, x):
        return -x


torch.manual_seed(0)
layer = nn.Linear(3, 3)
parametrize.register_parametrization(layer, 'weight', Symmetric())
print(layer)
print(layer.weight, [name for name, _ in layer.named_parameters()], list(layer.state_dict()))
layer.weight = torch.ones(3, 3)
print(layer.parametrizations.weight.original, parametrize.is_parametrized(layer), parametrize.is_parametrized(layer, 'bias'))
parametrize.register_parametrization(layer, 'weight', Negative())
layer(torch.eye(3)).sum().backward()
print(layer.weight, layer.parametrizations.weight.original.grad)
optimizer = torch.optim.SGD(layer.parameters(), lr=0.1)
optimizer.step()
with parametrize.cached():
    print(layer.weight is layer.weight)
parametrize.remove_parametrizations(layer, 'weight')
print(layer, layer.weight)


def attempt(f):
    try:
        print(f())
    except (RuntimeError, ValueError) as e:
        print(type(e).__name__, e)


parametrize.register_parametrization(layer, 'weight', Negative())
attempt(lambda: setattr(layer, 'weight', torch.ones(3, 3)))
attempt(lambda: parametrize.register_parametrization(layer, 'foo', Negative()))
attempt(lambda: parametrize.remove_parametrizations(nn.Linear(1, 1), 'weight'))
attempt(lambda: parametrize.register_parametrization(nn.Linear(2, 2), 'weight', nn.Linear(2, 1)))

for make in (parametrizations.weight_norm, parametrizations.spectral_norm, nn.utils.weight_norm, nn.utils.spectral_norm):
    torch.manual_seed(0)
    layer = make(nn.Linear(3, 2))
    out = layer(torch.tensor([[1.0, 2.0, 3.0]]))
    print(layer, out, list(layer.state_dict()))
    out.sum().backward()
    for name, p in layer.named_parameters():
        print(name, p.grad)
    layer.eval()
    print(layer(torch.ones(1, 3)).detach())
torch.manual_seed(0)
conv = nn.utils.spectral_norm(nn.ConvTranspose2d(2, 3, 2), n_power_iterations=2)
print(conv(torch.ones(1, 2, 1, 1)).flatten()[:4])
nn.utils.remove_spectral_norm(conv)
print(list(conv.state_dict()), conv.weight.flatten()[:3])
attempt(lambda: nn.utils.remove_weight_norm(conv))
vector = parameters_to_vector(conv.parameters())
vector_to_parameters(torch.zeros_like(vector), conv.parameters())
print(vector.shape, conv.bias)
