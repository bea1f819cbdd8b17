import numpy as np

x = np.array([0.5, 1.0, 2.0])
for f in (np.sqrt, np.exp, np.log, np.sin, np.cos, np.tan, np.tanh, np.abs, np.square, np.log1p, np.arctan, np.sign):
    print(np.round(f(x), 10), f(x).dtype, f(x.astype(np.float32)).dtype)
print(np.sqrt(4), [np.sqrt(4)], np.exp(0), np.sqrt([1, 4]), np.sqrt(np.array([4], dtype=np.int64)).dtype, np.abs(-3), [np.abs(-3)])
print(np.arctan2(1.0, 1.0), np.hypot(3, 4), np.power(2, 3), np.add([1], [2]), np.multiply(2, [1, 2]), np.divide(1, 4), np.mod(7, 3))
print(np.logical_and([True, False], [True, True]), np.logical_not([True, False]), np.where([True, False], 1, 0.5), np.isin([1, 2], [2]))
print(np.einsum('ij,jk->ik', np.ones((2, 3)), np.ones((3, 2))), np.tensordot(np.ones((2, 3)), np.ones((3, 2)), 1), np.kron([1, 2], [1, 1]), np.cross([1, 0, 0], [0, 1, 0]))
print(np.flip([1, 2, 3]), np.roll([1, 2, 3], 1), np.split(np.arange(4), 2), np.take([5, 6, 7], [0, 2]), np.trace(np.eye(3)))
with np.errstate(divide='ignore'):
    print(np.array([1.0, 0.0]) / 0, np.log(np.array([1.0])))
print(np.vectorize(lambda v: v * 2)(np.array([1, 2])), np.issubdtype(np.float32, np.floating), np.isscalar(3.0))
print(isinstance(x, np.ndarray), isinstance(x[0], np.floating), isinstance(np.int64(1), np.integer), isinstance(np.arange(2)[0], np.generic))
