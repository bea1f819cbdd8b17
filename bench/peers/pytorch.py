"""The figures in PyTorch on one core; with --compile by torch.compile, which needs a C++ compiler."""
import os
import sys

import measure

measure.start("torch")
os.environ["TORCHINDUCTOR_COMPILE_THREADS"] = "1"
# Else only the first run of the benchmarks would tell how long it compiles.
os.environ["TORCHINDUCTOR_FORCE_DISABLE_CACHES"] = "1"
import data
import torch
import torch.nn.functional as F

torch.set_num_threads(1)
COMPILE = "--compile" in sys.argv


def compiled(function):
    return torch.compile(function, dynamic=False) if COMPILE else function


def leaves(arrays):
    return [torch.from_numpy(array).requires_grad_() for array in arrays]


def scalars(*values):
    return [torch.tensor(value, dtype=torch.float64, requires_grad=True) for value in values]


def total(value, gradients):
    return data.total(value.detach(), gradients)


def gradient_figure(function, make_inputs, per, mean=False):
    """Of a function's sum and its gradients by every input."""

    def build():
        inputs = make_inputs()
        run = compiled(function)

        def step():
            value = run(*inputs)
            return value, torch.autograd.grad(value.sum(), inputs)

        return measure.once(step, lambda found: total(found[0] / (per if mean else 1), found[1]))

    return measure.figure(build, per, COMPILE)


def chain(x, w):
    y = x
    for _ in range(data.CHAIN // 4):
        y = torch.tanh(torch.sin(y * x) + w)
    return y


def fused(x, w):
    return (torch.tanh(x * w) + torch.exp(-x * x) * torch.sigmoid(w)).sum()


def normal(d):
    return 0.5 * (1 + torch.erf(d / 2**0.5))


def price(S, K, T, r, sigma):
    spread = sigma * torch.sqrt(T)
    d1 = (torch.log(S / K) + (r + sigma * sigma / 2) * T) / spread
    return S * normal(d1) - K * torch.exp(-r * T) * normal(d1 - spread)


def black_scholes(dtype):
    return gradient_figure(price, lambda: leaves(data.black_scholes(dtype)), data.MILLION)


def loss(x, labels, W1, b1, W2, b2):
    logits = torch.relu(x @ W1 + b1) @ W2 + b2
    return torch.nn.functional.cross_entropy(logits, labels)


def training_step():
    def build():
        x, labels = (torch.from_numpy(array) for array in data.batch())
        parameters = leaves(data.parameters())
        run = compiled(loss)

        def step():
            value = run(x, labels, *parameters)
            gradients = torch.autograd.grad(value, parameters)
            with torch.no_grad():
                for parameter, gradient in zip(parameters, gradients):
                    parameter.sub_(gradient, alpha=data.RATE)
            return value.detach()

        step()
        return measure.once(step, float)

    return measure.figure(build, 1, COMPILE)


def regression_step(steps=1000):
    def build():
        x, target = (torch.from_numpy(data.wave(*shape)) for shape in data.REGRESSION)

        def step():
            w = torch.zeros(x.shape[1], 1, requires_grad=True)
            for _ in range(steps):
                loss = ((x @ w - target) ** 2).mean()
                loss.backward()
                with torch.no_grad():
                    w.sub_(w.grad * data.RATE)
                w.grad.zero_()
            return float(w.sum())

        return step

    return measure.figure(build, steps, rounds=21)


def matmul(n=512):
    a, b = torch.rand(n, n), torch.rand(n, n)
    return {"run": 2 * n**3 / measure.median(lambda: a @ b) / 1e9}


def adds(n):
    def build():
        (x,) = scalars(1.0)

        def step():
            y = x
            for _ in range(n):
                y = y + x
            return float(torch.autograd.grad(y, x)[0])

        return step

    return measure.figure(build, n)


def operation(function, arrays, differentiated=0):
    """One operation, and where asked the gradients of its weighted sum by the first inputs."""

    def build():
        tensors = [torch.from_numpy(array) for array in arrays]
        inputs = [t.requires_grad_() for t in tensors[:differentiated]]

        def step():
            y = function(*tensors)
            gradients = torch.autograd.grad((y * tensors[-1]).sum(), inputs) if inputs else []
            return total(y[0] if isinstance(y, tuple) else y, gradients)

        return step

    return measure.figure(build)


def square(n):
    return data.wave([n, n], 0.37, 0, 1, "float32")


def heavy(n=256):
    i = data.np.arange(n * n, dtype="float64")
    return data.np.where(i % (n + 1) == 0, n, data.np.sin(0.7 * i * (i % n))).reshape(n, n)


def conv2d():
    shapes = [([32, 3, 64, 64], 0.37, 1), ([16, 3, 3, 3], 0.61, 0.2), ([32, 16, 62, 62], 0.83, 1)]
    arrays = [data.wave(shape, f, 0, a, "float32") for shape, f, a in shapes]
    return operation(lambda x, w, c: F.conv2d(x, w), arrays, 2)


def layer_norm():
    weights = [data.wave([1024], 0.61, 1, 0.1, "float32"), data.wave([1024], 0.83, 0, 0.1, "float32")]
    arrays = [square(1024), *weights, square(1024)]
    return operation(lambda x, w, b, c: F.layer_norm(x, [1024], w, b), arrays, 3)


measure.report("torch", {
    "conv2d": conv2d,
    "softmax": lambda: operation(lambda x, c: x.softmax(-1), [square(1024), square(1024)], 1),
    "layer_norm": layer_norm,
    "cholesky": lambda: operation(lambda x: torch.linalg.cholesky(x + x.T), [heavy()]),
    "solve": lambda: operation(torch.linalg.solve, [heavy(), heavy()]),
    "svd": lambda: operation(lambda x: torch.linalg.svd(x)[1], [heavy()]),
    "sort": lambda: operation(
        lambda x: torch.sort(x)[0], [data.wave([data.MILLION], 0.9, 0, 1, "float32")]
    ),
    "scalar_chain": lambda: gradient_figure(chain, lambda: scalars(0.7, 0.3), data.CHAIN),
    "fused_sum": lambda: gradient_figure(fused, lambda: leaves(data.fused_sum()), data.MILLION, mean=True),
    "black_scholes_f64": lambda: black_scholes("float64"),
    "black_scholes_f32": lambda: black_scholes("float32"),
    "training_step": training_step,
    "regression_step": regression_step,
    "matmul": matmul,
    "adds_10k": lambda: adds(10_000),
    "adds_1m": lambda: adds(1_000_000),
})
