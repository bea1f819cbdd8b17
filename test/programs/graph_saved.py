import torch
import torch.nn.functional as F

x = torch.tensor([[1., 2.], [3., 4.]], requires_grad=True)
w = torch.tensor([[.5, 1.], [1.5, 2.]], requires_grad=True)
c = torch.tensor([[1., 1.], [2., 2.]])
v = torch.tensor([1., 2.], requires_grad=True)

names = ['self', 'other', 'exponent', 'result', 'mat1', 'mat2', 'vec', 'tensor', 'alpha', 'beta', 'dim', 'keepdim',
         'self_sym_sizes', 'self_sym_numel', 'self_sym_strides', 'mat1_sym_sizes', 'mat1_sym_strides', 'mat2_sym_sizes',
         'mat2_sym_strides', 'condition', 'dim0', 'dim1', 'dims', 'foo']
made = {
    'add': x + w, 'add alpha': torch.add(x, w, alpha=3), 'add number': x + 2, 'sub': x - w,
    'mul': x * w, 'mul constant': x * c, 'constant mul': c * x, 'mul int': x * 2, 'mul float': 2.5 * x,
    'div': x / w, 'div constant': x / c, 'div number': x / 2,
    'square': x ** 2, 'root': x ** 0.5, 'float': x ** 2.0, 'pow': x ** w, 'pow constant': x ** c,
    'exp': (-x).exp(), 'sqrt': x.sqrt(), 'rsqrt': x.rsqrt(), 'reciprocal': x.reciprocal(), 'sigmoid': x.sigmoid(),
    'tanh': x.tanh(), 'relu': x.relu(), 'F.relu': F.relu(x), 'tan': x.tan(),
    'log': x.log(), 'log2': x.log2(), 'log10': x.log10(), 'log1p': x.log1p(), 'abs': x.abs(), 'sin': x.sin(),
    'cos': x.cos(), 'erf': x.erf(), 'atan': x.atan(), 'silu': F.silu(x), 'neg': -x,
    'mm': x @ w, 'mm constant': x @ c, 'constant mm': c @ x, 'mv': x @ v, 'dot': v @ v,
    'linear': F.linear(x, w, v), 'linear without bias': F.linear(x, w), 'addmm': torch.addmm(v, x, c, beta=2, alpha=0.5),
    'bmm': torch.bmm(x[None], w[None]),
    'sum': x.sum(), 'sum dim': x.sum(1), 'sum last': x.sum(-1, keepdim=True), 'sum dims': x.sum((0, 1)),
    'mean': x.mean(), 'mean dim': x.mean(0), 'softmax': x.softmax(1),
    'log_softmax': x.log_softmax(-1), 'logsumexp': x.logsumexp(1), 'cumsum': x.cumsum(0),
    'maximum': torch.maximum(x, w), 'minimum': torch.minimum(x, w), 'atan2': torch.atan2(x, w),
    'where': torch.where(c > 1, x, w), 'view': x.view(4), 'expand': v.expand(3, 2), 'unsqueeze': x.unsqueeze(0),
    'unsqueeze last': x.unsqueeze(-1), 'transpose': x.transpose(0, 1), 'transpose last': x.transpose(-1, -2),
    'permute': x.permute(1, 0), 'cat': torch.cat([x, w]), 'stack': torch.stack([x, w], 1), 'clone': x.clone(),
}
for label, y in made.items():
    node = y.grad_fn
    print(label, type(node).__name__)
    for name in names:
        if hasattr(node, '_saved_' + name):
            print('   ', name, getattr(node, '_saved_' + name))
