"""Writes recorded.json: `python test/engine/session/cases.py`, with PyTorch 2.13."""

import json
import os

import torch

from recorder import Case

cases = []


def case(body):
    cases.append((body.__name__, body))
    return body


F64, F32, I64, B = torch.float64, torch.float32, torch.int64, torch.bool


# Arithmetic in place: values, versions, nodes.

UNARY = (
    "neg_ abs_ exp_ sqrt_ rsqrt_ reciprocal_ sin_ cos_ tan_ tanh_ sigmoid_ relu_ log_ log1p_ expm1_ exp2_ log2_ log10_ "
    "square_ floor_ ceil_ trunc_ round_ frac_ sign_ sgn_ sinh_ cosh_ asinh_ atan_ erf_ erfc_ lgamma_ sinc_ "
    "nan_to_num_ deg2rad_ rad2deg_ i0_ zero_ negative_ absolute_ fix_ arctan_"
).split()
for name in UNARY:

    def body(t, name=name):
        x = t.leaf([0.3, 0.5, 1.25])
        y = x * 2
        z = getattr(y, name)()
        (z * z).sum().backward()

    cases.append((f"unary {name}", body))

    def plain(t, name=name):
        y = t.tensor([0.3, 0.5, 1.25], F32)
        getattr(y, name)()
        v = y[1:]
        getattr(v, name)()

    cases.append((f"unary without gradients {name}", plain))

BINARY = "add_ sub_ mul_ div_ pow_ atan2_ hypot_ fmod_ remainder_ xlogy_ copysign_ lerp_ floor_divide_ nextafter_".split()
for name in BINARY:

    def body(t, name=name):
        x = t.leaf([0.3, 0.5, 1.25])
        w = t.leaf([1.5, 0.75, 0.6])
        y = x * 2
        extra = (0.25,) if name == "lerp_" else ()
        getattr(y, name)(w, *extra)
        (y * 3).sum().backward()

    cases.append((f"binary {name}", body))

    if name not in ("atan2_", "hypot_", "lerp_", "nextafter_", "xlogy_"):

        def scalar(t, name=name):
            x = t.leaf([0.3, 0.5, 1.25])
            y = x * 2
            getattr(y, name)(2)
            getattr(y, name)(1.5)
            (y * 3).sum().backward()

        cases.append((f"binary with numbers {name}", scalar))

COMPARE = "lt_ le_ gt_ ge_ eq_ ne_ less_ greater_equal_ logical_not_ logical_and_".split()
for name in COMPARE:

    def body(t, name=name):
        x = t.leaf([0.3, 0.5, 1.25])
        y = x * 2
        w = t.tensor([1.0, 1.0, 0.0])
        args = () if name == "logical_not_" else (w,)
        getattr(y, name)(*args)
        (y * x).sum().backward()

    cases.append((f"comparison {name}", body))

OTHERS = {
    "masked_fill_": lambda t, y: y.masked_fill_(t.tensor([True, False, True], B), 0.5),
    "masked_fill_ of a tensor": lambda t, y: y.masked_fill_(t.tensor([True, False, True], B), t.leaf(0.5)),
    "masked_scatter_": lambda t, y: y.masked_scatter_(t.tensor([True, False, True], B), t.leaf([4.0, 5.0])),
    "index_add_": lambda t, y: y.index_add_(0, t.tensor([0, 2, 0], I64), t.leaf([4.0, 5.0, 6.0])),
    "index_add_ alpha": lambda t, y: y.index_add_(0, t.tensor([0, 2], I64), t.leaf([4.0, 5.0]), alpha=2),
    "index_copy_": lambda t, y: y.index_copy_(0, t.tensor([0, 2], I64), t.leaf([4.0, 5.0])),
    "index_fill_": lambda t, y: y.index_fill_(0, t.tensor([0, 2], I64), 3.0),
    "index_put_": lambda t, y: y.index_put_([t.tensor([0, 2], I64)], t.leaf([4.0, 5.0])),
    "index_put_ adding": lambda t, y: y.index_put_([t.tensor([0, 0], I64)], t.leaf([4.0, 5.0]), accumulate=True),
    "scatter_": lambda t, y: y.scatter_(0, t.tensor([0, 2], I64), t.leaf([4.0, 5.0])),
    "scatter_ a number": lambda t, y: y.scatter_(0, t.tensor([0, 2], I64), 3.0),
    "scatter_add_": lambda t, y: y.scatter_add_(0, t.tensor([0, 0], I64), t.leaf([4.0, 5.0])),
    "put_": lambda t, y: y.put_(t.tensor([0, 2], I64), t.leaf([4.0, 5.0])),
    "cumsum_": lambda t, y: y.cumsum_(0),
    "cumprod_": lambda t, y: y.cumprod_(0),
    "addcmul_": lambda t, y: y.addcmul_(t.leaf([1.0, 2.0, 3.0]), t.leaf([0.5, 0.25, 2.0]), value=0.5),
    "addcdiv_": lambda t, y: y.addcdiv_(t.leaf([1.0, 2.0, 3.0]), t.leaf([0.5, 0.25, 2.0])),
    "clamp_": lambda t, y: y.clamp_(0.7, 2.0),
    "clamp_ with tensors": lambda t, y: y.clamp_(t.leaf([0.7, 0.7, 0.7]), t.leaf([2.0, 2.0, 2.0])),
    "clamp_min_": lambda t, y: y.clamp_min_(0.7),
    "clamp_max_": lambda t, y: y.clamp_max_(0.7),
    "clip_": lambda t, y: y.clip_(max=0.7),
    "fill_": lambda t, y: y.fill_(2.5),
    "fill_ of a tensor": lambda t, y: y.fill_(t.leaf(2.5)),
    "copy_": lambda t, y: y.copy_(t.leaf([1.0, 2.0, 3.0])),
    "copy_ of float32": lambda t, y: y.copy_(t.leaf([1.0, 2.0, 3.0], F32)),
    "copy_ of one": lambda t, y: y.copy_(t.leaf([4.0])),
    "add_ alpha": lambda t, y: y.add_(t.leaf([1.0, 2.0, 3.0]), alpha=3),
    "sub_ alpha": lambda t, y: y.sub_(t.leaf([1.0, 2.0, 3.0]), alpha=0.5),
    "div_ rounded": lambda t, y: y.div_(t.leaf([1.0, 2.0, 3.0]), rounding_mode="floor"),
    "round_ decimals": lambda t, y: y.round_(decimals=1),
    "mul_ of itself": lambda t, y: y.mul_(2).add_(y),
    "float_power_": lambda t, y: y.float_power_(2),
    "leaky_relu_": lambda t, y: t.f("nn.functional.leaky_relu_", y, 0.1),
    "elu_": lambda t, y: t.f("nn.functional.elu_", y),
    "hardtanh_": lambda t, y: t.f("nn.functional.hardtanh_", y),
    "celu_": lambda t, y: t.f("nn.functional.celu_", y),
    "selu_": lambda t, y: t.f("nn.functional.selu_", y),
    "threshold_": lambda t, y: t.f("nn.functional.threshold_", y, 0.5, 0.25),
    "logit_": lambda t, y: y.sigmoid_().logit_(),
    "unsqueeze_": lambda t, y: y.unsqueeze_(0),
    "squeeze_": lambda t, y: y.unsqueeze_(0).squeeze_(0),
    "t_": lambda t, y: y.unsqueeze_(0).t_(),
    "transpose_": lambda t, y: y.unsqueeze_(0).transpose_(0, 1),
}
for name, change in OTHERS.items():

    def body(t, change=change):
        x = t.leaf([0.3, 0.5, 1.25])
        y = x * 2
        change(t, y)
        (y * y).sum().backward()

    cases.append((f"in place: {name}", body))

    def viewed(t, change=change):
        x = t.leaf([[0.3, 0.5, 1.25], [2.0, 3.0, 4.0]])
        y = x * 2
        v = y[0]
        change(t, v)
        (y * y).sum().backward()

    if not name.endswith(("squeeze_", "t_", "transpose_")):
        cases.append((f"in place on a view: {name}", viewed))


@case
def addmm_in_place(t):
    a, b, c = t.arange(2, 2, requires_grad=True), t.arange(2, 3, requires_grad=True), t.arange(3, 2, requires_grad=True)
    y = a * 2
    y.addmm_(b, c, beta=0.5, alpha=2)
    y.sum().backward()


@case
def tril_in_place(t):
    y = t.arange(3, 3, requires_grad=True) * 2
    y.tril_().triu_(-1)
    (y * y).sum().backward()


@case
def fill_diagonal(t):
    y = t.arange(3, 3, requires_grad=True) * 2
    y.fill_diagonal_(7.0)
    (y * y).sum().backward()


# Types and shapes.

CASTS = {
    "float into long": lambda t: t.tensor([1, 2], I64).add_(1.5),
    "long into bool": lambda t: t.tensor([True], B).add_(1),
    "sqrt of long": lambda t: t.tensor([1, 2], I64).sqrt_(),
    "div of long": lambda t: t.tensor([1, 2], I64).div_(2),
    "double into float": lambda t: t.tensor([1.0, 2.0], F32).add_(t.tensor([0.1, 0.2])),
    "long into float": lambda t: t.tensor([1.0, 2.0], F32).mul_(t.tensor([3, 4], I64)),
    "bool into long": lambda t: t.tensor([1, 2], I64).add_(t.tensor([True, False], B)),
    "lt of long": lambda t: t.tensor([1, 2], I64).lt_(2),
    "shape grows": lambda t: t.tensor([1.0, 2.0]).add_(t.arange(3, 2)),
    "shapes differ": lambda t: t.tensor([1.0, 2.0]).add_(t.arange(3)),
    "copy grows": lambda t: t.tensor([1.0, 2.0]).copy_(t.arange(3, 2)),
    "copy differs": lambda t: t.tensor([1.0, 2.0]).copy_(t.arange(3)),
    "scalar grows": lambda t: t.tensor(1.0).add_(t.arange(3)),
    "expanded": lambda t: t.arange(3, 1).expand(3, 2).add_(1),
    "expanded fill": lambda t: t.arange(3, 1).expand(3, 2).fill_(1),
    "expanded one": lambda t: t.arange(1, 1).expand(1, 1).add_(1),
    "fill of a vector": lambda t: t.arange(3).fill_(t.arange(3)),
    "copy of float into long": lambda t: t.tensor([1, 2], I64).copy_(t.tensor([1.7, -2.7])),
}
for name, body in CASTS.items():
    cases.append((f"cast: {name}", body))


@case
def overlap_add(t):
    x = t.arange(4)
    x[1:].add_(x[:-1])


@case
def overlap_one(t):
    x = t.arange(4)
    x.mul_(x[0])


@case
def overlap_transposed(t):
    x = t.arange(2, 2)
    x.add_(x.t())


@case
def overlap_set(t):
    x = t.arange(4)
    x[1:] = x[:-1]


@case
def apart(t):
    x = t.arange(4)
    x[2:].add_(x[:2])
    x[::2].mul_(x[1::2])


@case
def itself(t):
    x = t.arange(4, requires_grad=True)
    y = x + 1
    y.add_(y)
    y.sum().backward()


@case
def itself_saved(t):
    x = t.arange(4, requires_grad=True)
    y = x + 1
    y.mul_(y)
    y.sum().backward()


# Identity.


@case
def returns_itself(t):
    x = t.arange(3)
    x.add_(1).mul_(2).contiguous().to(F64).double()
    x.view(3)
    x.detach()
    x.t()


# Leaves and modes.


@case
def leaf_in_place(t):
    t.leaf([1.0]).mul_(2)


@case
def leaf_view(t):
    t.leaf([1.0, 2.0])[0].mul_(2)


@case
def leaf_set(t):
    t.leaf([1.0, 2.0])[0] = 3.0


@case
def leaf_set_tensor_index(t):
    t.leaf([1.0, 2.0])[t.tensor([0], I64)] = 3.0


@case
def leaf_zero(t):
    t.leaf([1.0, 2.0]).zero_()


@case
def leaf_without_recording(t):
    x = t.leaf([1.0, 2.0])
    with t.no_grad():
        x.mul_(2)
        x[0] = 5.0
    (x * x).sum().backward()


@case
def leaf_becomes_inner(t):
    x = t.tensor([1.0, 2.0])
    w = t.leaf([3.0, 4.0])
    x.mul_(w)
    x.sum().backward()


@case
def descent(t):
    x = t.arange(4, 3)
    y = t.arange(4, 1)
    w = t.tensor([[0.1], [0.2], [0.3]], F64, True)
    for _ in range(5):
        loss = (x.matmul(w) - y).pow(2).mean()
        loss.backward()
        with t.no_grad():
            w.sub_(w.grad, alpha=0.05)
        w.grad.zero_()


@case
def descent_through_data(t):
    w = t.tensor([0.1, 0.2], F64, True)
    for _ in range(3):
        (w * w).sum().backward()
        w.data.sub_(w.grad.data * 0.1)
        w.grad.data.zero_()


@case
def descent_with_new_grad(t):
    w = t.tensor([0.1, 0.2], F64, True)
    for _ in range(3):
        w.grad = None
        (w * w).sum().backward()
        w.data = w.data - w.grad * 0.1


@case
def mode_nesting(t):
    x = t.leaf([1.0])
    with t.no_grad():
        a = x * 2
        with t.enable_grad():
            b = x * 2
        c = x * 2
    a.add_(b)
    a.sum().backward()


@case
def inference_saved(t):
    x = t.leaf([1.0, 2.0])
    with t.inference_mode():
        q = x * 2
    q * x


@case
def inference_in_place(t):
    with t.inference_mode():
        q = t.arange(2) * 2
        q.add_(1)
    q.mul_(1)


@case
def inference_requires(t):
    with t.inference_mode():
        q = t.arange(2) * 2
    q.requires_grad_()


@case
def requires_later(t):
    x = t.tensor([1.0, 2.0])
    w = t.leaf([3.0, 4.0])
    y = x * w
    x.requires_grad_()
    z = x * w
    y.sum().backward()
    t.look(x)
    z.sum().backward()


@case
def requires_off(t):
    x = t.leaf([1.0, 2.0])
    y = x * x
    x.requires_grad_(False)
    z = x * x
    y.sum().backward()
    z.sum()


@case
def requires_inner(t):
    (t.leaf([1.0]) * 2).requires_grad_(False)


@case
def requires_long(t):
    t.tensor([1], I64).requires_grad_()


@case
def detach_in_place(t):
    x = t.leaf([1.0])
    y = x * 2
    y.detach_()
    y.mul_(3)
    (y * x).sum().backward()


@case
def detach_view_in_place(t):
    (t.leaf([1.0]) * 2)[0].detach_()


# Versions.


@case
def detached_shares_version(t):
    x = t.leaf([1.0, 2.0])
    y = x.detach()
    y.mul_(2)


@case
def detached_spoils(t):
    x = t.leaf([1.0, 2.0])
    z = x * x
    x.detach().mul_(2)
    z.sum().backward()


@case
def data_does_not_spoil(t):
    x = t.leaf([1.0, 2.0])
    z = x * x
    x.data.mul_(2)
    z.sum().backward()


@case
def version_of_views(t):
    x = t.arange(6)
    v = x.view(2, 3)
    w = v[0]
    w.add_(1)
    x.add_(1)
    u = v.clone()
    u.add_(1)


SPOILED = {
    "mul": lambda t, x, w: x * w,
    "mul of itself": lambda t, x, w: x * x,
    "add": lambda t, x, w: x + w,
    "sub": lambda t, x, w: x - w,
    "div": lambda t, x, w: x / w,
    "exp": lambda t, x, w: x.exp(),
    "sigmoid": lambda t, x, w: x.sigmoid(),
    "tanh": lambda t, x, w: x.tanh(),
    "relu": lambda t, x, w: x.relu(),
    "sin": lambda t, x, w: x.sin(),
    "pow": lambda t, x, w: x.pow(3),
    "pow tensor": lambda t, x, w: x.pow(w),
    "sqrt": lambda t, x, w: x.sqrt(),
    "sum": lambda t, x, w: x.sum(),
    "mean": lambda t, x, w: x.mean(),
    "max": lambda t, x, w: x.max(),
    "max of a dimension": lambda t, x, w: x.max(0)[0],
    "prod": lambda t, x, w: x.prod(),
    "softmax": lambda t, x, w: x.softmax(0),
    "log_softmax": lambda t, x, w: x.log_softmax(0),
    "matmul": lambda t, x, w: x.matmul(w),
    "outer": lambda t, x, w: x.outer(w),
    "cumsum": lambda t, x, w: x.cumsum(0),
    "cumprod": lambda t, x, w: x.cumprod(0),
    "where": lambda t, x, w: t.f("where", w > 0, x, w) if False else x.where(w.gt(1), w),
    "index": lambda t, x, w: x[t.tensor([0, 1], I64)],
    "select": lambda t, x, w: x[0] * 1,
    "norm": lambda t, x, w: x.norm(),
    "var": lambda t, x, w: x.var(),
    "std": lambda t, x, w: x.std(),
    "clamp": lambda t, x, w: x.clamp(0.6, 2.0),
    "abs": lambda t, x, w: x.abs(),
    "neg": lambda t, x, w: x.neg(),
    "log": lambda t, x, w: x.log(),
    "logsumexp": lambda t, x, w: x.logsumexp(0),
    "lerp": lambda t, x, w: x.lerp(w, 0.3),
    "addcmul": lambda t, x, w: x.addcmul(w, w),
    "maximum": lambda t, x, w: x.maximum(w),
    "sort": lambda t, x, w: x.sort()[0],
    "cat": lambda t, x, w: t.f("cat", [x, w]),
    "stack": lambda t, x, w: t.f("stack", [x, w]),
    "mse": lambda t, x, w: t.f("nn.functional.mse_loss", x, w),
    "gelu": lambda t, x, w: t.f("nn.functional.gelu", x),
    "masked_fill": lambda t, x, w: x.masked_fill(w.gt(1), 0.0),
    "gather": lambda t, x, w: x.gather(0, t.tensor([1, 0], I64)),
    "clone": lambda t, x, w: x.clone(),
    "expand": lambda t, x, w: x.expand(2, 2) * 2,
    "atan2": lambda t, x, w: x.atan2(w),
    "layer_norm": lambda t, x, w: t.f("nn.functional.layer_norm", x, [2]),
}
for name, compute in SPOILED.items():

    def operand(t, compute=compute):
        x = t.leaf([0.5, 1.5])
        w = t.leaf([1.25, 0.75])
        a = x + 1
        z = compute(t, a, w)
        a.add_(1)
        z.sum().backward()

    def result(t, compute=compute):
        x = t.leaf([0.5, 1.5])
        w = t.leaf([1.25, 0.75])
        z = compute(t, x, w)
        y = z * 1
        with t.no_grad():
            z.add_(1)
        y.sum().backward()

    def other(t, compute=compute):
        x = t.leaf([0.5, 1.5])
        w = t.tensor([1.25, 0.75])
        z = compute(t, x, w)
        w.add_(1)
        z.sum().backward()

    def twice(t, compute=compute):
        x = t.leaf([0.5, 1.5])
        w = t.leaf([1.25, 0.75])
        z = compute(t, x, w).sum()
        z.backward()
        z.backward()

    def kept(t, compute=compute):
        x = t.leaf([0.5, 1.5])
        w = t.leaf([1.25, 0.75])
        z = compute(t, x, w).sum()
        z.backward(retain_graph=True)
        z.backward()

    cases.append((f"operand overwritten: {name}", operand))
    cases.append((f"result overwritten: {name}", result))
    cases.append((f"other operand overwritten: {name}", other))
    cases.append((f"backward twice: {name}", twice))
    cases.append((f"backward twice with the graph kept: {name}", kept))


@case
def spoiled_leaf(t):
    x = t.leaf([1.0])
    z = x * x
    with t.no_grad():
        x.add_(1)
    z.sum().backward()


@case
def spoiled_twice(t):
    x = t.leaf([1.0])
    y = x + 1
    z = y * y
    y.add_(1).mul_(2).add_(3)
    z.sum().backward()


@case
def spoiled_through_a_view(t):
    y = t.leaf([1.0, 2.0]) * 2
    z = y * y
    y[0].zero_()
    z.sum().backward()


@case
def spoiled_view(t):
    y = t.leaf([1.0, 2.0]) * 2
    v = y[0]
    z = v * v
    y.zero_()
    z.sum().backward()


@case
def spoiled_view_of_leaf(t):
    x = t.leaf([[1.0, 2.0]])
    v = x.view(2)
    z = v * v
    with t.no_grad():
        x.zero_()
    z.sum().backward()


@case
def spoiled_index(t):
    x = t.leaf([1.0, 2.0])
    i = t.tensor([0], I64)
    z = x[i]
    i.add_(1)
    z.sum().backward()


@case
def spoiled_relu(t):
    y = t.leaf([1.0, 2.0]) * 2
    y.relu_()
    y.mul_(2)
    y.sum().backward()


@case
def spoiled_float32(t):
    x = t.leaf([1.0, 2.0], F32)
    w = t.tensor([1.0, 2.0], F32)
    z = x * w
    w.add_(1)
    z.sum().backward()


@case
def old_value_kept(t):
    y = t.leaf([1.0, 2.0]) * 2
    y.sin_()
    y.mul_(2)
    y.cos_()
    y.sum().backward()


# Views and their base.

VIEWS = {
    "select": lambda y: y[0],
    "slice": lambda y: y[:, 1:],
    "steps": lambda y: y[:, ::2],
    "transposed": lambda y: y.t(),
    "view": lambda y: y.view(3, 2),
    "flat": lambda y: y.view(-1),
    "unsqueezed": lambda y: y.unsqueeze(1),
    "squeezed": lambda y: y.unsqueeze(1).squeeze(1),
    "permuted": lambda y: y.unsqueeze(0).permute(2, 0, 1),
    "diagonal": lambda y: y.diagonal(),
    "narrowed": lambda y: y.narrow(1, 0, 2),
    "of views": lambda y: y[1][1:],
    "as_strided": lambda y: y.as_strided([2, 2], [2, 1], 1),
    "unfolded": lambda y: y.unfold(1, 1, 1),
    "column": lambda y: y[:, 1],
    "expanded": lambda y: y.expand(2, 3),
    "movedim": lambda y: y.movedim(0, 1),
    "flattened": lambda y: y.flatten(),
    "chunk": lambda y: y.chunk(2)[1],
    "split": lambda y: y.split(1)[0],
    "unbind": lambda y: y.unbind(1)[2],
    "getitem none": lambda y: y[None],
    "getitem ellipsis": lambda y: y[..., 0],
    "tensor_split": lambda y: y.tensor_split(2)[0],
}
for name, view in VIEWS.items():

    def through(t, view=view):
        x = t.arange(2, 3, requires_grad=True)
        y = x * 2
        v = view(y)
        v.mul_(3)
        (y * y).sum().backward()

    def exponential(t, view=view):
        x = t.arange(2, 3, requires_grad=True)
        y = x * 2
        v = view(y)
        v.exp_()
        (y * y).sum().backward()

    def of_base(t, view=view):
        x = t.arange(2, 3, requires_grad=True)
        y = x * 2
        v = view(y)
        y.mul_(3)
        (v * v).sum().backward()

    def constant(t, view=view):
        y = t.arange(2, 3)
        w = t.leaf(2.0)
        v = view(y)
        v.mul_(w)
        y.sum().backward()

    def unrecorded(t, view=view):
        y = t.arange(2, 3, requires_grad=True) * 2
        with t.no_grad():
            v = view(y)
            v.mul_(3)
        y.sum().backward()

    def made_unrecorded(t, view=view):
        y = t.arange(2, 3, requires_grad=True) * 2
        with t.no_grad():
            v = view(y)
        v.mul_(3)

    def two(t, view=view):
        x = t.arange(2, 3, requires_grad=True)
        y = x * 2
        v = view(y)
        first = y[0]
        v.mul_(first[0])
        (first * first).sum().backward()

    cases.append((f"through a view: {name}", through))
    cases.append((f"exp_ through a view: {name}", exponential))
    cases.append((f"view of a base that changes: {name}", of_base))
    cases.append((f"view of a constant: {name}", constant))
    cases.append((f"view changed unrecorded: {name}", unrecorded))
    cases.append((f"view made unrecorded: {name}", made_unrecorded))
    cases.append((f"two views: {name}", two))


@case
def base_changes_after_unrecorded_view(t):
    y = t.leaf([1.0, 2.0]) * 2
    with t.no_grad():
        v = y[0]
    y.mul_(2)
    v * 2


@case
def base_changes_after_unbind(t):
    y = t.leaf([1.0, 2.0]) * 2
    a = y.unbind(0)[0]
    y.mul_(2)
    a * 2


@case
def view_of_split(t):
    y = t.arange(4, requires_grad=True) * 2
    y.split(2)[0].view(-1).mul_(2)


@case
def views_of_transposed_base(t):
    x = t.arange(2, 3, requires_grad=True)
    y = x.t() * 2
    y[0].mul_(3)
    y[:, 1].exp_()
    (y * y).sum().backward()


@case
def chain_of_slices(t):
    y = t.arange(6, requires_grad=True) * 1
    for i in range(5):
        y[i].mul_(y[i + 1])
    (y * y).sum().backward()


@case
def view_gets_history(t):
    b = t.arange(3) * 0
    v = b[:2]
    w = t.leaf([2.0, 3.0, 4.0])
    b.add_(w)
    t.look(v)
    (v * v).sum().backward()


# Setting items.

SETS = {
    "int": lambda t, y, s: y.__setitem__(0, s),
    "negative int": lambda t, y, s: y.__setitem__(-1, s),
    "slice": lambda t, y, s: y.__setitem__(slice(None, 1), s),
    "whole slice": lambda t, y, s: y.__setitem__(slice(None), s),
    "steps": lambda t, y, s: y.__setitem__((slice(None), slice(None, None, 2)), s),
    "ellipsis": lambda t, y, s: y.__setitem__(Ellipsis, s),
    "none": lambda t, y, s: y.__setitem__(None, s),
    "true": lambda t, y, s: y.__setitem__(True, s),
    "false": lambda t, y, s: y.__setitem__(False, s),
    "two ints": lambda t, y, s: y.__setitem__((0, 1), s),
    "ellipsis and int": lambda t, y, s: y.__setitem__((Ellipsis, 1), s),
    "none and slice": lambda t, y, s: y.__setitem__((None, slice(1, 2)), s),
    "mask": lambda t, y, s: y.__setitem__(t.tensor([[True, False, True], [False, True, False]], B), s),
    "row mask": lambda t, y, s: y.__setitem__(t.tensor([True, False], B), s),
    "indices": lambda t, y, s: y.__setitem__(t.tensor([1, 0], I64), s),
    "index pair": lambda t, y, s: y.__setitem__((t.tensor([1, 0], I64), t.tensor([2, 0], I64)), s),
    "slice and indices": lambda t, y, s: y.__setitem__((slice(None), t.tensor([2, 0], I64)), s),
    "int and indices": lambda t, y, s: y.__setitem__((1, t.tensor([2, 0], I64)), s),
    "index of no dimensions": lambda t, y, s: y.__setitem__(t.tensor(1, I64), s),
    "empty tuple": lambda t, y, s: y.__setitem__((), s),
}
for name, put in SETS.items():

    def number(t, put=put):
        y = t.arange(2, 3, requires_grad=True) * 2
        put(t, y, 5.0)
        (y * y).sum().backward()

    def scalar(t, put=put):
        y = t.arange(2, 3, requires_grad=True) * 2
        put(t, y, t.leaf(5.0))
        (y * y).sum().backward()

    def one(t, put=put):
        y = t.arange(2, 3, requires_grad=True) * 2
        put(t, y, t.tensor([[[5.0]]], F64, True))
        (y * y).sum().backward()

    def constant(t, put=put):
        y = t.arange(2, 3)
        put(t, y, t.leaf(5.0))
        y.sum().backward()

    def integers(t, put=put):
        y = t.tensor([[1, 2, 3], [4, 5, 6]], I64)
        put(t, y, 7.9)

    cases.append((f"set {name}: number", number))
    cases.append((f"set {name}: scalar", scalar))
    cases.append((f"set {name}: one", one))
    cases.append((f"set {name}: constant", constant))
    cases.append((f"set {name}: integers", integers))


@case
def set_broadcast(t):
    y = t.arange(2, 3, requires_grad=True) * 2
    y[:, :] = t.leaf([1.0, 2.0, 3.0])
    y[:, 0] = t.leaf([7.0, 8.0])
    y.sum().backward()


@case
def set_own_part(t):
    y = t.arange(2, 3, requires_grad=True) * 2
    y[0] = y[1]
    y[1, 0] = y[0, 2]
    (y * y).sum().backward()


SETERRORS = {
    "size": lambda t, y: y.__setitem__(0, t.arange(2)),
    "dimensions": lambda t, y: y.__setitem__(0, t.arange(2, 3)),
    "range": lambda t, y: y.__setitem__(5, 1.0),
    "too many": lambda t, y: y.__setitem__((0, 0, 0), 1.0),
    "index values": lambda t, y: y.__setitem__(t.tensor([0, 1], I64), t.arange(2, 2)),
    "index range": lambda t, y: y.__setitem__(t.tensor([5], I64), 1.0),
    "dtype": lambda t, y: y.__setitem__(t.tensor([0], I64), t.arange(3, dtype=F32)),
    "cast": lambda t, y: y.__setitem__(0, t.arange(3, dtype=F32)),
    "mask shape": lambda t, y: y.__setitem__(t.tensor([True, False, True], B), 1.0),
}
for name, put in SETERRORS.items():
    cases.append((f"set error: {name}", lambda t, put=put: put(t, t.arange(2, 3))))


# Gradients: accumulation, retention, hooks, grad().


@case
def accumulates(t):
    x = t.leaf([1.0, 2.0])
    (x * 2).sum().backward()
    g = x.grad
    (x * 3).sum().backward()
    g.mul(1)


@case
def accumulates_differentiable(t):
    x = t.leaf([1.0, 2.0])
    (x * x).sum().backward(create_graph=True)
    g = x.grad
    (x * x).sum().backward(create_graph=True)
    h = x.grad
    (g * h).sum().backward()


@case
def grad_is_no_alias(t):
    x = t.leaf([1.0, 2.0])
    y = t.leaf([1.0, 2.0])
    g = t.tensor([1.0, 1.0])
    (x + y).backward(g)
    x.grad.add_(5)


@case
def grad_of_sum(t):
    x = t.leaf([1.0, 2.0])
    x.sum().backward()
    x.grad.add_(5)


@case
def grad_set(t):
    x = t.leaf([1.0, 2.0])
    x.grad = t.tensor([10.0, 20.0])
    x.sum().backward()


@case
def grad_set_wrong_size(t):
    t.leaf([1.0, 2.0]).grad = t.arange(3)


@case
def grad_set_wrong_type(t):
    t.leaf([1.0, 2.0]).grad = t.arange(2, dtype=F32)


@case
def leaf_root(t):
    x = t.leaf([1.0])
    x.backward()
    x.backward(t.tensor([3.0]))


@case
def several_roots(t):
    x = t.leaf([1.0, 2.0])
    a, b = (x * 2).sum(), x * 3
    t.backward(a, b, gradients=[None, t.tensor([1.0, 10.0])])


@case
def same_root_twice(t):
    x = t.leaf([1.0])
    y = x * 2
    t.backward(y, y, gradients=[None, None])


@case
def only_some_inputs(t):
    x, w = t.leaf([1.0]), t.leaf([2.0])
    y = x * w
    z = y * y
    t.backward(z, inputs=[x, y])


@case
def inputs_not_needed_are_kept(t):
    x, w = t.leaf([1.0]), t.leaf([2.0])
    y = x * x
    z = y * w * w
    t.backward(z, inputs=[w])
    y.sum().backward()


@case
def inputs_empty(t):
    t.backward(t.leaf([1.0]) * 2, inputs=[])


@case
def inputs_without_grad(t):
    x = t.leaf([1.0])
    t.backward(x * 2, inputs=[t.tensor([1.0])])


@case
def retained(t):
    x = t.leaf([1.0, 2.0])
    y = x * 2
    y.retain_grad()
    z = y * y
    z.sum().backward(retain_graph=True)
    z.sum().backward()


@case
def retained_in_place(t):
    y = t.leaf([1.0, 2.0]) * 2
    y.retain_grad()
    y.mul_(3)
    y.sum().backward()


@case
def retained_base(t):
    y = t.leaf([1.0, 2.0]) * 2
    y.retain_grad()
    y[0].mul_(3)
    y.sum().backward()


@case
def retained_view(t):
    y = t.leaf([1.0, 2.0]) * 2
    v = y[0]
    v.retain_grad()
    v.mul_(3)
    v.sum().backward()


@case
def retained_view_of_changed(t):
    y = t.leaf([[1.0, 2.0]]) * 2
    v = y[0]
    v.retain_grad()
    y.mul_(3)
    v.sum().backward()


@case
def retained_nothing(t):
    t.arange(2).retain_grad()


@case
def retained_leaf(t):
    x = t.leaf([1.0])
    x.retain_grad()
    (x * 2).backward()


@case
def hooks_in_order(t):
    x = t.leaf([1.0, 2.0])
    y = x * 2
    t.hook(y, "look")
    t.hook(y, "double")
    t.hook(y, "look")
    t.hook(x, "double")
    t.hook(x, "look")
    y.retain_grad()
    y.sum().backward()


@case
def hook_removed(t):
    x = t.leaf([1.0, 2.0])
    remove = t.hook(x, "double")
    (x * 2).sum().backward()
    remove()
    (x * 2).sum().backward()


@case
def hook_on_old_and_new(t):
    y = t.leaf([1.0, 2.0]) * 2
    t.hook(y, "look")
    y.mul_(3)
    t.hook(y, "double")
    y.sum().backward()


@case
def hook_on_results(t):
    a, b = (t.leaf([[1.0, 2.0], [3.0, 4.0]]) * 2).unbind(0)
    t.hook(b, "double")
    t.hook(a, "look")
    (a * b).sum().backward()


@case
def hook_wrong_shape(t):
    y = t.leaf([1.0, 2.0]) * 2
    t.hook(y, "shape")
    y.sum().backward()


@case
def hook_nowhere(t):
    t.hook(t.arange(2), "look")


@case
def hook_order_of_nodes(t):
    x = t.leaf([1.0])
    a = x * 2
    b = a * 3
    c = a * 5
    d = x * 7
    for p in (x, a, b, c, d):
        t.hook(p, "look")
    (c + b + d).sum().backward()


@case
def hook_with_create_graph(t):
    x = t.leaf([2.0])
    y = x * x
    t.hook(y, "look")
    (y * y).sum().backward(create_graph=True)


@case
def hook_after_accumulation(t):
    x = t.leaf([1.0, 2.0])
    t.hook(x, "look", post=True)
    (x * 2).sum().backward()
    (x * 2).sum().backward()


@case
def hook_after_accumulation_of_inner(t):
    t.hook(t.leaf([1.0]) * 2, "look", post=True)


@case
def grad_function(t):
    x, w = t.leaf([1.0, 2.0]), t.leaf([3.0, 4.0])
    y = x * w
    t.gradof((y * y).sum(), [x, w, y])


@case
def grad_does_not_accumulate(t):
    x = t.leaf([1.0, 2.0])
    t.hook(x, "double")
    t.gradof((x * x).sum(), [x])


@case
def grad_second_order(t):
    x = t.leaf([1.0, 2.0])
    (g,) = t.gradof((x * x * x).sum(), [x], create_graph=True)
    (h,) = t.gradof(g.sum(), [x], create_graph=True)
    t.gradof(h.sum(), [x])


@case
def grad_frees(t):
    x = t.leaf([1.0, 2.0])
    y = (x * x).sum()
    t.gradof(y, [x])
    t.gradof(y, [x])


@case
def grad_retains(t):
    x = t.leaf([1.0, 2.0])
    y = (x * x).sum()
    t.gradof(y, [x], retain_graph=True)
    t.gradof(y, [x])


@case
def grad_of_unused(t):
    x, w = t.leaf([1.0]), t.leaf([1.0])
    t.gradof(x * x, [x, w])


@case
def grad_of_unused_allowed(t):
    x, w = t.leaf([1.0]), t.leaf([1.0])
    t.gradof(x * x, [x, w], allow_unused=True)


@case
def grad_of_unused_zeros(t):
    x, w = t.leaf([1.0]), t.leaf([1.0])
    t.gradof(x * x, [x, w], materialize_grads=True)


@case
def grad_of_constant(t):
    x, w = t.leaf([1.0]), t.tensor([1.0])
    t.gradof(x * x, [w])


@case
def grad_with_outputs(t):
    x = t.leaf([1.0, 2.0])
    t.gradof([x * x], [x], grad_outputs=[t.tensor([1.0, 10.0])])


@case
def grad_through_in_place(t):
    t.depth = 1  # what runs within CopySlices has nodes of its own
    x = t.leaf([1.0, 2.0])
    y = x * x
    y[0].mul_(x[1])
    (g,) = t.gradof(y.sum(), [x], create_graph=True)
    (g * g).sum().backward()


@case
def grad_second_order_in_place(t):
    t.depth = 1  # what runs within CopySlices has nodes of its own
    x = t.arange(2, 3, requires_grad=True)
    y = x * x
    y[:, 1:].exp_()
    y.t()[0].mul_(y[0, 1])
    (g,) = t.gradof((y * y).sum(), [x], create_graph=True)
    (g * g).sum().backward()


@case
def grad_of_mask_set(t):
    t.depth = 1  # what runs within CopySlices has nodes of its own
    x = t.arange(2, 3, requires_grad=True)
    y = x * x
    y[t.tensor([[True, False, True], [False, True, False]], B)] = x[0, 0] * 3
    (g,) = t.gradof((y * y).sum(), [x], create_graph=True)
    (g * g).sum().backward()


@case
def no_grad_root(t):
    t.arange(2).sum().backward()


@case
def vector_root(t):
    (t.leaf([1.0, 2.0]) * 2).backward()


@case
def wrong_gradient(t):
    (t.leaf([1.0, 2.0]) * 2).backward(t.arange(3))


@case
def second_slices(t):
    y = t.leaf([1.0, 2.0]) * 2
    y[0].exp_()
    y.sum().backward()
    y.sum().backward()


@case
def second_slices_kept(t):
    y = t.leaf([1.0, 2.0]) * 2
    y[0].exp_()
    y.sum().backward(retain_graph=True)
    y.sum().backward()


@case
def part_of_the_graph_again(t):
    x = t.leaf([1.0, 2.0])
    y = x * x
    a, b = y.sum(), (y + 1).sum()
    a.backward()
    b.backward()


# Random numbers.

DRAWS = {
    "uniform_": lambda t, y: y.uniform_(),
    "uniform_ of a range": lambda t, y: y.uniform_(-2.0, 3.5),
    "normal_": lambda t, y: y.normal_(),
    "normal_ of a mean": lambda t, y: y.normal_(1.5, 0.25),
    "bernoulli_": lambda t, y: y.bernoulli_(0.3),
    "random_": lambda t, y: y.random_(),
    "random_ to": lambda t, y: y.random_(10),
    "random_ from": lambda t, y: y.random_(-5, 10),
}
for name, draw in DRAWS.items():
    for dtype in (F32, F64):
        for n in (5, 16, 37):

            def body(t, draw=draw, dtype=dtype, n=n):
                t.seed(7)
                y = t.arange(n, dtype=dtype)
                draw(t, y)
                draw(t, y)
                t.f("rand", 3)
                t.f("randn", 20)

            cases.append((f"draw {name} {dtype} {n}", body))

    def recorded(t, draw=draw):
        t.seed(3)
        y = t.arange(3, requires_grad=True) * 2
        draw(t, y)
        (y * y).sum().backward()

    cases.append((f"draw recorded {name}", recorded))


@case
def draws_go_on(t):
    t.seed(1)
    t.f("rand", 3)
    t.f("randn", 2)
    t.f("randn", 3)
    t.f("randperm", 5)
    t.f("randint", 0, 10, (4,))
    t.seed(1)
    t.f("rand", 3)


@case
def bernoulli_each(t):
    t.seed(2)
    y = t.arange(4)
    y.bernoulli_(t.tensor([0.1, 0.9, 0.5, 1.0]))


@case
def random_errors(t):
    t.arange(3).random_(5, 2)


@case
def uniform_errors(t):
    t.arange(3).uniform_(5, 2)


@case
def normal_errors(t):
    t.arange(3).normal_(0.0, -1.0)


@case
def uniform_of_long(t):
    t.tensor([1], I64).uniform_()


if __name__ == "__main__":
    found = [Case(name).run(body) for name, body in cases]
    with open(os.path.join(os.path.dirname(__file__), "recorded.json"), "w") as file:
        file.write("[\n" + ",\n".join(json.dumps(each, separators=(",", ":")) for each in found) + "\n]\n")
    print(len(found), "cases")
