"""The engine benchmarks in PyTorch on one core. Prints one JSON object; exits with 3 where torch is not installed."""
import json, math, statistics, sys, time

try:
    import torch
except ImportError:
    sys.exit(3)
torch.set_num_threads(1)


def median(body, rounds=7, warmup=2):
    times = []
    for i in range(-warmup, rounds):
        start = time.perf_counter()
        body()
        if i >= 0:
            times.append(time.perf_counter() - start)
    return statistics.median(times)


def scalar_chain(n=5000):
    x = torch.tensor(0.7, dtype=torch.float64, requires_grad=True)
    w = torch.tensor(0.3, dtype=torch.float64, requires_grad=True)
    y = x
    for _ in range(n // 4):
        y = torch.tanh(torch.sin(y * x) + w)
    y.backward()


def fused_sum(x, w):
    (torch.tanh(x * w) + torch.exp(-x * x) * torch.sigmoid(w)).sum().backward()


def chain_of_adds(n):
    x = torch.tensor(1.0, dtype=torch.float64, requires_grad=True)
    y = x
    for _ in range(n):
        y = y + x
    y.backward()


million = 1_000_000
x = torch.arange(million, dtype=torch.float32).sin().requires_grad_()
w = torch.arange(million, dtype=torch.float32).cos().requires_grad_()
a = torch.rand(512, 512)
b = torch.rand(512, 512)
print(json.dumps({
    "version": torch.__version__,
    "scalar_chain": median(scalar_chain) * 1e9 / 5000,
    "fused_sum": median(lambda: fused_sum(x, w)) * 1e9 / million,
    "matmul": 2 * 512**3 / median(lambda: a @ b, 21, 5) / 1e9,
    "adds_10k": median(lambda: chain_of_adds(10_000)) * 1e9 / 10_000,
    "adds_1m": median(lambda: chain_of_adds(1_000_000), 3, 1) * 1e9 / 1e6,
}))
