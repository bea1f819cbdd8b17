"""Runs programs in PyTorch and records their steps and what became of every tensor, for the tests to do the same."""

import math

import torch

GENERATOR = torch.default_generator


def encode(value):
    if isinstance(value, P):
        return {"$": value.id}
    if value is Ellipsis:
        return {"ellipsis": True}
    if isinstance(value, slice):
        return {"slice": [value.start, value.stop, value.step]}
    if isinstance(value, torch.dtype):
        return {"dtype": str(value).removeprefix("torch.")}
    if isinstance(value, bool) or value is None or isinstance(value, str):
        return value
    if isinstance(value, int):
        return {"int": value}
    if isinstance(value, float):
        return {"float": value if math.isfinite(value) else str(value)}
    if isinstance(value, (list, tuple)):
        return [encode(item) for item in value]
    raise TypeError(f"no encoding of {value!r}")


def numbers(tensor):
    plain = torch.zeros(tensor.shape) if tensor._is_zerotensor() else tensor
    flat = plain.detach().reshape(-1).tolist()
    return [x if not isinstance(x, float) or math.isfinite(x) else str(x) for x in flat]


def unwrap(value):
    if isinstance(value, P):
        return value.tensor
    if isinstance(value, (list, tuple)):
        return type(value)(unwrap(item) for item in value)
    return value


class P:
    """A tensor whose methods are recorded."""

    def __init__(self, case, tensor, id):
        self.case, self.tensor, self.id = case, tensor, id

    def __getattr__(self, name):
        return lambda *args, **kw: self.case.method(self, name, args, kw)

    def __getitem__(self, index):
        return self.case.step({"get": encode(self), "index": encode(index)}, lambda: self.tensor[unwrap(index)])

    def __setitem__(self, index, value):
        def run():
            self.tensor[unwrap(index)] = unwrap(value)

        self.case.step({"set": encode(self), "index": encode(index), "value": encode(value)}, run)

    @property
    def grad(self):
        return self.case.step({"grad": encode(self)}, lambda: self.tensor.grad)

    @grad.setter
    def grad(self, value):
        def run():
            self.tensor.grad = unwrap(value)

        self.case.step({"setgrad": encode(self), "value": encode(value)}, run)

    @property
    def data(self):
        return self.case.step({"data": encode(self)}, lambda: self.tensor.data)

    @data.setter
    def data(self, value):
        def run():
            self.tensor.data = unwrap(value)

        self.case.step({"setdata": encode(self), "value": encode(value)}, run)


def binary(name, method):
    setattr(P, name, lambda self, other: getattr(self, method)(other))


for name in ("add", "sub", "mul", "pow", "matmul"):
    binary(f"__{name}__", name)
binary("__truediv__", "div")


class Stop(Exception):
    pass


class Case:
    def __init__(self, name):
        self.name, self.steps, self.known, self.error = name, [], [], None
        self.log = []
        self.depth = 6
        self.loose = set()

    def known_as(self, tensor):
        for p in self.known:
            if p.tensor is tensor:
                return p
        p = P(self, tensor, len(self.known))
        self.known.append(p)
        return p

    def results(self, out):
        if isinstance(out, torch.Tensor):
            return self.known_as(out)
        if isinstance(out, (list, tuple)):
            return [self.results(item) for item in out]
        return out

    def step(self, step, run):
        self.steps.append(step)
        try:
            out = run()
        except (RuntimeError, TypeError, IndexError, ValueError) as error:
            step["error"] = str(error)
            raise Stop() from error
        made = self.results(out)
        step["out"] = encode(made)
        return made

    def method(self, p, name, args, kw):
        step = {"call": name, "self": encode(p), "args": encode(args), "kw": {k: encode(v) for k, v in kw.items()}}
        return self.step(step, lambda: getattr(p.tensor, name)(*unwrap(args), **{k: unwrap(v) for k, v in kw.items()}))

    def f(self, name, *args, **kw):
        """A function of torch or torch.nn.functional."""
        holder = torch
        for part in name.split("."):
            holder = getattr(holder, part)
        step = {"function": name, "args": encode(args), "kw": {k: encode(v) for k, v in kw.items()}}
        return self.step(step, lambda: holder(*unwrap(args), **{k: unwrap(v) for k, v in kw.items()}))

    def tensor(self, data, dtype=torch.float64, requires_grad=False):
        t = torch.tensor(data, dtype=dtype)
        step = {"tensor": [numbers(t), list(t.shape), str(dtype).removeprefix("torch.")], "grad": requires_grad}
        return self.step(step, lambda: t.requires_grad_(requires_grad))

    def leaf(self, data, dtype=torch.float64):
        return self.tensor(data, dtype, True)

    def arange(self, *shape, dtype=torch.float64, requires_grad=False, start=1):
        n = math.prod(shape)
        return self.tensor((torch.arange(n) * 0.25 + start * 0.5).reshape(shape).tolist(), dtype, requires_grad)

    def no_grad(self):
        return Mode(self, "off", torch.no_grad())

    def enable_grad(self):
        return Mode(self, "on", torch.enable_grad())

    def inference_mode(self):
        return Mode(self, "inference", torch.inference_mode())

    def backward(self, *roots, gradients=None, **kw):
        step = {"backward": encode(roots), "gradients": encode(gradients), "kw": {k: encode(v) for k, v in kw.items()}}
        given = None if gradients is None else [unwrap(g) for g in gradients]
        arguments = {k: unwrap(v) for k, v in kw.items()}
        self.step(step, lambda: torch.autograd.backward([unwrap(r) for r in roots], given, **arguments))

    def gradof(self, outputs, inputs, **kw):
        step = {"autograd": [encode(outputs), encode(inputs)], "kw": {k: encode(v) for k, v in kw.items()}}
        arguments = {k: unwrap(v) for k, v in kw.items()}
        before = len(self.known)
        found = self.step(step, lambda: torch.autograd.grad(unwrap(outputs), unwrap(inputs), **arguments))
        # How often a gradient was written to while it was added up is nobody's business.
        self.loose.update(range(before, len(self.known)))
        return found

    def hook(self, p, kind, post=False):
        """Registers a hook that logs the gradient and does with it what `kind` says."""
        label = f"{kind}{len(self.steps)}"

        def hook(g):
            self.log.append([label, list(g.shape), numbers(g.grad if post else g), g.requires_grad])
            if kind == "double":
                return g * 2
            if kind == "shape":
                return torch.ones(7, dtype=g.dtype)
            return None

        hook.__qualname__ = "hook"
        hook.__name__ = "hook"
        handle = []

        def run():
            register = p.tensor.register_post_accumulate_grad_hook if post else p.tensor.register_hook
            handle.append(register(hook))

        step = {"hook": encode(p), "kind": kind, "label": label, "post": post}
        at = len(self.steps)
        self.step(step, run)

        def remove():
            self.step({"unhook": at}, handle[0].remove)

        return remove

    def seed(self, n):
        self.step({"seed": n}, lambda: torch.manual_seed(n) and None)

    def look(self, p):
        """Records what a tensor is at this point."""
        self.steps.append({"look": encode(p), "is": facts(self, p.tensor)})

    def run(self, body):
        mode = torch.is_grad_enabled()
        try:
            body(self)
        except Stop:
            pass
        torch.set_grad_enabled(mode)
        found = [facts(self, p.tensor) for p in self.known]
        return {"name": self.name, "steps": self.steps, "log": self.log, "depth": self.depth, "final": found}


class Mode:
    def __init__(self, case, mode, context):
        self.case, self.mode, self.context = case, mode, context

    def __enter__(self):
        self.case.steps.append({"mode": self.mode})
        self.context.__enter__()

    def __exit__(self, *error):
        self.case.steps.append({"mode": None})
        self.context.__exit__(*error)


def chain(node, depth):
    """A node and those that follow it: [class name, name(), [next, input number]…]."""
    if node is None:
        return None
    if depth == 0:
        return "…"
    name = type(node).__name__
    return [name, node.name(), [[chain(n, depth - 1), i] for n, i in node.next_functions]]


def facts(case, t):
    try:
        node = chain(t.grad_fn, case.depth)
    except RuntimeError as error:
        node = {"error": str(error)}
    try:
        version = t._version
    except RuntimeError:
        version = None
    grad = t.grad if not isinstance(node, dict) and (t.is_leaf or t.retains_grad) else None
    loose = any(p.tensor is t and p.id in case.loose for p in case.known)
    return {
        "shape": list(t.shape),
        "dtype": str(t.dtype).removeprefix("torch."),
        "data": numbers(t),
        "requires_grad": t.requires_grad if not isinstance(node, dict) else True,
        "leaf": t.is_leaf if not isinstance(node, dict) else None,
        "version": None if loose else version,
        "view": None if loose else t._is_view(),
        "node": node,
        "grad": None if grad is None else [numbers(grad), str(grad.dtype).removeprefix("torch."), grad.requires_grad],
    }
