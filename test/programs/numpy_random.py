import numpy as np

np.random.seed(0)
print(np.random.rand(), np.random.rand(3), np.random.rand(2, 2), np.random.random(), np.random.random(2))
print(np.random.randn(), np.random.randn(3), np.random.randn(2, 3), np.random.standard_normal(2))
print(np.random.randint(10), np.random.randint(0, 10, 5), np.random.randint(5, size=(2, 3)), np.random.randint(0, 2**40, 2), np.random.randint(3, 4))
print(np.random.uniform(-1, 1), np.random.uniform(0, 10, 3), np.random.uniform(size=2), np.random.normal(), np.random.normal(5, 2, 3), np.random.normal(0, [1, 10]))
print(np.random.permutation(5), np.random.permutation([1.5, 2.5, 3.5]), np.random.permutation(np.arange(6).reshape(3, 2)))
a = np.arange(6)
np.random.shuffle(a)
items = ['a', 'b', 'c', 'd']
np.random.shuffle(items)
print(a, items)
print(np.random.choice(5), np.random.choice(5, 3), np.random.choice([10, 20, 30], 2, replace=False), np.random.choice(4, size=6, p=[0.1, 0.2, 0.3, 0.4]))
print(np.random.choice(5, 3, replace=False, p=[0.1, 0.2, 0.3, 0.2, 0.2]), np.random.choice(['x', 'y']), np.random.choice([1.5, 2.5]), np.random.exponential(2.0, 3))
np.random.seed(42)
print(np.random.rand(2))
own = np.random.RandomState(7)
print(own.rand(2), own.randn(2), own.randint(0, 100, 3), own.uniform(0, 1, 2), own.choice(3), own.permutation(4), np.random.rand())
np.random.seed(42)
print(np.random.rand(2))
print(np.random.randn(1001)[::200])
for wrong in (lambda: np.random.seed(-1), lambda: np.random.randint(5, 5), lambda: np.random.choice(2, 3, replace=False), lambda: np.random.choice(2, p=[0.5, 0.6])):
    try:
        wrong()
    except ValueError as error:
        print(error)
