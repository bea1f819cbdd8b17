# Parameters written out and read back.
import torch
from torch import nn

torch.manual_seed(13)
a = nn.Linear(2, 1)
b = nn.Linear(2, 1)
state = a.state_dict()
print(list(state.items())[0][0], state["bias"].shape)
print(b.load_state_dict(state))
print(torch.equal(a.weight, b.weight), a.weight is b.weight)
a.weight.data.zero_()
print(torch.equal(a.weight, b.weight))
import copy

c = copy.deepcopy(b)
c.bias.data.fill_(9)
print(b.bias.item() != 9, c.bias)
try:
    nn.Linear(3, 1).load_state_dict(state)
except RuntimeError as error:
    print(str(error).split("\n")[0])
