import numpy as np

a = np.array([1.0, 2.0, 4.0])
i = np.array([1, 2, 3])
f = np.array([0.5, 1.5, 2.5], dtype=np.float32)
print(a + 1, 1 - a, a * i, a / i, 2 ** i, a ** 2, a ** 0.5, -a, abs(-a), i // 2, i % 2, i / 2, 7 // i)
print((f * 2).dtype, (f * 0.1).dtype, (f + a).dtype, (f + i).dtype, (i + 1.5).dtype, (i / 1).dtype, (i > 1).dtype, (f * np.float64(2)).dtype)
print((np.array([True]) + 1).dtype, (np.array([1], dtype=np.int32) + i[:1]).dtype, (np.array([1], dtype=np.int32) * f[:1]).dtype)
print(a > 2, a == [1, 2, 3], (a > 1) & (a < 4), ~(a > 1), (a > 1) | (i == 1), a != a)
b = a.copy()
b += 1
b *= i
b -= 0.5
b /= 2
b **= 2
print(b, a)
c = b
c[1:] += 10
print(b)
i2 = i.copy()
i2 += 1
i2 *= 3
print(i2)
try:
    i2 += 0.5
except TypeError as error:
    print(error)
try:
    np.ones(3) + np.ones(4)
except ValueError as error:
    print(error)
try:
    np.ones((2, 3)) @ np.ones((2, 3))
except ValueError as error:
    print(error)
try:
    i ** -1
except ValueError as error:
    print(error)
m = np.array([[1.0, 2.0], [3.0, 4.0]])
print(m @ m, m @ np.array([1.0, 1.0]), m.dot(m), m.T, np.dot(a, a), a @ a, [a @ a], np.matmul(m, m), np.outer(a, i))
print(m + np.array([10, 20]), m * np.array([[1], [2]]), [1, 2] + np.array([1, 2]), (1, 2) * np.array([3, 4]))
x = a[1]
print(x + 1, [x * 2], x / 3, x > 1, [x == 2], x ** 2, -x, abs(-x), int(x), float(x), round(x), round(a[1] / 3, 2), bool(x))
print([np.float32(0.1) + 1, np.float32(0.1) + np.float64(1), np.int64(3) / 2, np.int64(3) // 2, np.int64(7) % 3, np.int64(2) ** 3])
print(sum(a), max(a), min(a), sorted(a), 2.0 in a, 9.0 in a, len(a), list(i), {np.int64(1): 'x'}[1], [10, 20, 30][i[1]])
try:
    bool(a)
except ValueError as error:
    print(error)
try:
    float(a)
except TypeError as error:
    print(error)
try:
    a & 1
except TypeError as error:
    print(error)
print(i // 0, i % np.array([0, 2, 2]), np.int64(5) // np.int64(0), np.float32(2578507.25), np.array([2578507.25, 0.5], dtype=np.float32))
print(a == None, a != 'x', np.float64(1.5) == None, isinstance(np.float64(1), float), isinstance(np.float32(1), float), isinstance(np.int64(1), int))
