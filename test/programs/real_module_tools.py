import torch
from torch import nn
from collections import OrderedDict


class Block(nn.Module):
    def __init__(self, n):
        super().__init__()
        self.register_buffer('scale', torch.ones(n))
        self.register_buffer('scratch', torch.zeros(n), persistent=False)
        self.w = nn.Parameter(torch.full((n,), 0.5))
        self.frozen = nn.Parameter(torch.ones(n), requires_grad=False)
        self.register_parameter('missing', None)

    def forward(self, x):
        return x * self.w * self.scale + self.frozen


class Model(nn.Module):
    def __init__(self):
        super().__init__()
        self.layers = nn.ModuleList([nn.Linear(3, 3) for _ in range(2)])
        self.heads = nn.ModuleDict({'cls': nn.Linear(3, 2), 'reg': nn.Linear(3, 1)})
        self.mix = nn.ParameterList([nn.Parameter(torch.randn(3)) for _ in range(2)])
        self.block = Block(3)
        self.seq = nn.Sequential(OrderedDict([('fc', nn.Linear(3, 3)), ('act', nn.ReLU()), ('drop', nn.Dropout(p=0.2))]))

    def forward(self, x, head='cls'):
        for layer, m in zip(self.layers, self.mix):
            x = layer(x) * m
        return self.heads[head](self.seq(self.block(x)))


def init_weights(m):
    if type(m) == nn.Linear:
        torch.nn.init.xavier_uniform_(m.weight)
        m.bias.data.fill_(0.01)


torch.manual_seed(0)
model = Model()
model.apply(init_weights)
print(model)
print(model.layers[0].bias)
for name, buf in model.named_buffers():
    print('buffer', name, buf)
print([n for n, _ in model.named_children()])
print(list(model.state_dict().keys()))
print(sum(p.numel() for p in model.parameters()), sum(p.numel() for p in model.parameters() if p.requires_grad))
print(model.block.missing, hasattr(model, 'nothing'))
print(model(torch.ones(1, 3), head='reg').shape, model.training, model.seq.drop.training)
model.eval()
print(model.training, model.seq.drop.training)
model.train()
try:
    model.undefined
except AttributeError as e:
    print(e)
sd = model.state_dict()
sd.pop('block.w')
sd['extra'] = torch.zeros(1)
print(model.load_state_dict(sd, strict=False))
try:
    model.load_state_dict(sd)
except RuntimeError as e:
    print(e)
model.double()
print(next(model.parameters()).dtype, model.block.scale.dtype)
model.to(torch.float32)
print(model.get_parameter('block.w'), model.get_submodule('heads.cls'))
model.requires_grad_(False)
print(any(p.requires_grad for p in model.parameters()))
print(len(model.layers), 'cls' in model.heads, list(model.heads.keys()), len(model.seq), model.seq[1])
model.layers.append(nn.Linear(3, 3, bias=False))
model.seq.add_module('last', nn.Identity())
print(model.layers, model.seq[-1], isinstance(model.seq[:2], nn.Sequential))
print([type(m).__name__ for m in model.modules()][:5])
del model.heads['reg']
print(model.heads)
