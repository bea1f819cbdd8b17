import numpy as np

a = np.array([[1.0, 2.0, 3.0], [4.0, 5.0, 7.0]])
print(a.sum(), a.sum(axis=0), a.sum(axis=1), a.sum(axis=(0, 1)), a.mean(), a.mean(axis=0), a.mean(axis=1, keepdims=True))
print(a.std(), a.var(), a.std(axis=0), a.std(ddof=1), a.var(axis=1, ddof=1), a.min(), a.max(axis=0), a.argmin(), a.argmax(axis=1))
print([a.sum(), a.max(), a.argmax(), np.mean([1, 2, 4]), np.sum([1, 2]), np.max([3, 1]), np.std([1.0, 2.0])])
print(np.prod([1, 2, 3]), np.cumsum([1, 2, 3]), np.cumsum(a), np.cumsum(a, axis=1), a.prod(axis=0), np.diff([1, 4, 9]))
print(np.any(a > 6), np.all(a > 0), (a > 2).sum(), (a > 2).any(axis=1), np.count_nonzero(a > 2), np.mean(a > 2))
print(np.median([3, 1, 2]), np.median(a), np.percentile(a, 50), np.quantile([1.0, 2.0, 3.0, 4.0], [0.25, 0.5]))
print(np.sort([3, 1, 2]), np.argsort([3.0, 1.0, 2.0]), np.unique([3, 1, 3, 2]), np.unique([3, 1, 3], return_counts=True), np.sort(a, axis=0)[::-1])
print(np.maximum(a, 3), np.minimum([1, 5], [3, 2]), np.clip(a, 2, 5), a.clip(0, 4), np.abs([-1, 2]), np.sign([-2.0, 0.0, 3.0]))
print(np.round([1.234, 2.5, -0.5], 1), np.round(2.5), np.floor([1.7, -1.2]), np.ceil([1.2, -1.7]), np.round(a / 3, 2))
print(np.isclose([1.0, 2.0], [1.0, 2.1]), np.allclose([1.0], [1.0 + 1e-9]), np.array_equal([1, 2], [1, 2]), np.isnan([1.0, np.nan]), np.isfinite([np.inf, 1.0]))
print(np.mean(np.array([1, 2], dtype=np.float32)), [np.mean(np.array([1, 2], dtype=np.float32))], np.array([1, 2], dtype=np.int32).sum().dtype)
for wrong in (lambda: a.sum(axis=2), lambda: np.max([]), lambda: np.concatenate([np.ones(2), np.ones((2, 2))])):
    try:
        wrong()
    except ValueError as error:
        print(error)
losses = [0.5, 0.25, 0.125]
print(f'{np.mean(losses):.4f} {np.std(losses):.4f}', np.average([1.0, 3.0], weights=[1, 3]), np.dot([1, 2], [3, 4]))
print(np.searchsorted([1, 2, 3], 2), np.bincount([0, 1, 1, 3]), np.histogram([1.0, 2.0, 2.5, 4.0], bins=3), np.interp(1.5, [1, 2], [10, 20]))
