import numpy as np

for a in (
    np.array([1.0, 2.0, 3.0]), np.array([0.1, 0.25, 1000.0]), np.array([1e-5, 1.0]), np.array([1e10, 1.0]),
    np.array([1.0, np.nan, np.inf]), np.array([np.nan, -np.inf]), np.array([-0.0, 0.0]), np.array([1, -20, 300]),
    np.array([True, True]), np.array([[True], [False]]), np.array([]), np.zeros((0, 3)), np.array(5.0), np.array(3),
    np.array([1 / 3, 2 / 3], dtype=np.float32), np.array([1e6, 1.5], dtype=np.float32), np.array([1 / 3, 200.0]),
    np.array([123456.789, 0.001]), np.arange(24).reshape(2, 3, 4), np.arange(30.0), np.arange(40) * 1000,
    np.linspace(0, 1, 11).reshape(1, 11), np.arange(2000), np.arange(10000.0).reshape(100, 100), np.array([1e300, 1e-300]),
    np.arange(12, dtype=np.int32), np.array([[1.5, -2], [3, 4]], dtype=np.float32), np.array([1e-9, 2e-9]),
    np.ones((2, 2, 2)), np.array([[0.1 + 0.2, 1e-3]]), np.array([1.123456789012, 1.1]), np.array([5e-324, 1e5]),
):
    print(a)
    print(repr(a))
    print([a])
for x in (
    np.float64(1.5), np.float64(1e-5), np.float64(1e16), np.float64(123456789.0), np.float32(0.1), np.float32(1e-5),
    np.float32(16777216.0), np.float32(1e20), np.int64(3), np.int32(-3), np.bool_(True), np.float64(np.nan), np.float32(np.inf),
):
    print(x, [x], f'{x}', type(x))
print(f'{np.float64(1.23456):.2f} {np.int64(42):5d} {np.float32(0.5):.3e}', '%.3f' % np.float64(2.5), '{:>8}'.format(np.float64(1.5)))
np.set_printoptions(precision=3, suppress=True)
print(np.array([1e-5, 1.23456, 100.0]))
print(np.array([1e-5, 1.23456, 1e9]))
