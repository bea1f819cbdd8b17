# Activation modules.
import torch
from torch import nn

x = torch.tensor([-2., -0.5, 0., 0.5, 2.])
for activation in (nn.ReLU(), nn.LeakyReLU(0.2), nn.ELU(), nn.SELU(), nn.GELU(), nn.SiLU(), nn.Sigmoid(), nn.Tanh(), nn.Softplus(),
                   nn.Softsign(), nn.Hardtanh(), nn.ReLU6(), nn.LogSigmoid(), nn.Mish(), nn.Hardswish(), nn.Softmax(dim=0), nn.PReLU(), nn.Identity()):
    print(activation, activation(x).detach())
