# match, enums, named tuples, context managers and generators around tensors.
import enum
import json
import time
from contextlib import contextmanager
from typing import NamedTuple

import torch
from torch import nn


class Phase(enum.Enum):
    TRAIN = enum.auto()
    EVAL = enum.auto()


class Step(NamedTuple):
    phase: Phase
    loss: float


@contextmanager
def frozen(module):
    for parameter in module.parameters():
        parameter.requires_grad_(False)
    try:
        yield module
    finally:
        for parameter in module.parameters():
            parameter.requires_grad_(True)


def train(model, batches):
    seen = 0
    for x in batches:
        loss = model(x).pow(2).mean()
        seen += (yield Step(Phase.TRAIN, round(loss.item(), 4))) or 0
    return seen


class Config(dict):
    def __getattr__(self, name):
        return self[name]


class Scaled(nn.Module):
    def __init__(self, config):
        super().__init__()
        self.config = config
        self.layer = nn.Linear(config.inputs, 1)

    def forward(self, x):
        match self.config:
            case {"scale": float(s) | int(s)} if s != 1:
                return self.layer(x) * s
            case _:
                return self.layer(x)


torch.manual_seed(0)
model = Scaled(Config(inputs=2, scale=0.5))
start = time.perf_counter()
steps = train(model, [torch.ones(1, 2), torch.zeros(1, 2)])
try:
    value = next(steps)
    while True:
        match value:
            case Step(Phase.TRAIN, loss):
                print("train", loss)
        value = steps.send(2)
except StopIteration as end:
    print("seen", end.value)
with frozen(model) as m:
    print([p.requires_grad for p in m.parameters()], m(torch.ones(1, 2)).requires_grad)
print([p.requires_grad for p in model.parameters()], time.perf_counter() >= start)
print(json.dumps({"shape": list(torch.ones(2, 3).shape), "phase": Phase.EVAL.name}), "model" in globals())
