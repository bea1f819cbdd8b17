# Targets that do not fit.
import torch
from torch import nn

logits = torch.zeros(3, 4)
try:
    nn.CrossEntropyLoss()(logits, torch.tensor([0, 1]))
except ValueError as error:
    print(error)
try:
    nn.BCELoss()(torch.tensor([0.5, 0.5]), torch.tensor([1.]))
except ValueError as error:
    print(error)
nn.CrossEntropyLoss()(logits, torch.tensor([0, 1, 9]))
