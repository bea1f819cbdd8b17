# A dataclass as a configuration.
from dataclasses import dataclass

import torch


@dataclass
class Config:
    lr: float = 0.1
    steps: int = 5
    name: str = "run"


config = Config(lr=0.25)
print(config)
w = torch.tensor(4.0, requires_grad=True)
for step in range(config.steps):
    (g,) = torch.autograd.grad(w ** 2, w)
    w = (w - config.lr * g).detach().requires_grad_()
print(config.name, w)
print(Config() == Config(), config == Config())
