"""The inputs of the figures, as in ../cases.mjs."""
import numpy as np

CHAIN = 5000
MILLION = 1_000_000
RATE = 0.1
# Inputs and targets: arguments of `wave`.
REGRESSION = [([100, 3], 0.7, 0, 1, "float32"), ([100, 1], 1.3, 0.5, 1, "float32")]


def wave(shape, frequency, centre, amplitude, dtype):
    n = int(np.prod(shape))
    return (centre + amplitude * np.sin(frequency * np.arange(n))).astype(dtype).reshape(shape)


def fused_sum():
    return [wave([MILLION], 1, 0, 1, "float32"), wave([MILLION], 0.9, 0, 1, "float32")]


def black_scholes(dtype):
    """S, K, T, r and sigma of a million options."""
    facts = [(1, 100, 20), (0.9, 100, 20), (0.7, 1, 0.9), (0.3, 0.03, 0.02), (1.3, 0.3, 0.2)]
    return [wave([MILLION], *fact, dtype) for fact in facts]


def batch():
    return wave([64, 784], 0.37, 0, 1, "float32"), np.arange(64) % 10


def parameters():
    """W1, b1, W2 and b2 of a network 784-256-10."""
    facts = [([784, 256], 0.61, 0.05), ([256], 1, 0.01), ([256, 10], 0.83, 0.05), ([10], 1, 0.01)]
    return [wave(shape, frequency, 0, amplitude, "float32") for shape, frequency, amplitude in facts]


def total(value, gradients):
    """One number of all results, the mean of each."""
    return sum(float(np.mean(np.asarray(array), dtype="float64")) for array in [value, *gradients])
