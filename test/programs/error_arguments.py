# Calls with the wrong arguments.
import torch

try:
    torch.zeros(-1)
except RuntimeError as error:
    print(error)
try:
    torch.arange(1, 5, -1)
except RuntimeError as error:
    print(error)
try:
    torch.tensor([[1, 2], [3]])
except ValueError as error:
    print(error)
try:
    torch.tensor("text")
except (TypeError, ValueError, RuntimeError) as error:
    print(type(error).__name__, error)
try:
    torch.multinomial(torch.tensor([-1.0, 2.0]), 1)
except RuntimeError as error:
    print(error)
