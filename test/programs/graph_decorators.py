# The contexts as decorators.
import torch


@torch.no_grad()
def evaluate(x):
    return x * 2


@torch.enable_grad()
def train(x):
    return x * 3


x = torch.ones(1, requires_grad=True)
print(evaluate(x))
with torch.no_grad():
    print(train(x))
print(evaluate(x).requires_grad, train(x).requires_grad)
