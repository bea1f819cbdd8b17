# Pruned weights.
import torch
from torch import nn
from torch.nn.utils import prune

torch.manual_seed(0)
layer = nn.Linear(3, 2)
prune.l1_unstructured(layer, 'weight', 0.5)
print(layer.weight, list(layer.state_dict()), layer.weight_mask, prune.is_pruned(layer))
layer(torch.ones(1, 3)).sum().backward()
print(layer.weight_orig.grad)
prune.random_unstructured(layer, 'weight', 1)
print(layer.weight_mask)
prune.remove(layer, 'weight')
print(list(layer.state_dict()), layer.weight)
wide = nn.Linear(3, 4)
print(prune.ln_structured(wide, 'weight', 1, 2, 0).weight_mask, prune.random_structured(wide, 'weight', 0.3, 1).weight_mask)
prune.custom_from_mask(wide, 'bias', torch.tensor([0, 1, 1, 0]))
print(wide.bias, [name for name, _ in wide.named_parameters()])
a, b = nn.Linear(2, 2), nn.Linear(2, 2)
prune.global_unstructured([(a, 'weight'), (b, 'weight')], prune.L1Unstructured, amount=3)
print(a.weight_mask, b.weight_mask)


def attempt(f):
    try:
        print(f())
    except (TypeError, ValueError) as e:
        print(type(e).__name__, e)


attempt(lambda: prune.remove(layer, 'weight'))
attempt(lambda: prune.l1_unstructured(layer, 'weight', 7))
attempt(lambda: prune.l1_unstructured(layer, 'weight', 1.5))
attempt(lambda: prune.ln_structured(layer, 'bias', 1, 2, 0))
