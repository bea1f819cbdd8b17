# Python's numbers.
print(7 // 2, -7 // 2, 7 % 3, -7 % 3, 7 / 2, 2 ** 10, 2 ** -1, 10 ** 20)
print(0.1 + 0.2, 1e16, 1e15, 123456789.123, 1e-5, 0.0001, 1.0, -0.0, 1e100, 5e-324)
print(float("inf"), -float("inf"), float("nan"), 3.0 == 3, 1 == True, int(3.9), int(-3.9), round(0.5), round(1.5), round(2.675, 2))
print(1_000_000, 0xFF, 0b101, 0o17, 2 ** 100)
print(5 & 3, 5 | 3, 5 ^ 3, ~5, 1 << 4, 256 >> 2)
print(1 < 2 < 3, 1 < 3 > 2, not True, True and 0, 0 or "default", None or [])
print(type(1), type(1.0), type("s"), type(None), type([]), type(True))
print(isinstance(1, int), isinstance(True, int), isinstance(1.0, (int, float)))
print(max(1, 2.5), min([3, 1]), abs(-2.5), sum(range(5)), divmod(-7, 2), float(3), bool(0.0))
a = b = 3
a, b = b + 1, a
print(a, b)
(x, y), z = (1, 2), 3
first, *rest = [1, 2, 3]
print(x, y, z, first, rest)
