# Comprehensions and the functions around them.
import torch

squares = [i ** 2 for i in range(6) if i % 2 == 0]
print(squares, {i: i * i for i in range(3)}, {len(w) for w in ["a", "bb", "cc"]})
rows = torch.stack([torch.tensor([float(i * j) for j in range(3)]) for i in range(3)])
print(rows)
print([r.sum().item() for r in rows], sum(r.max() for r in rows))
print(list(zip([1, 2, 3], "abc")), list(enumerate(["x", "y"], start=1)))
print(sorted([3, 1, 2], reverse=True), sorted(["bb", "a"], key=len), max([1, 5, 3]), min(4, 2))
print(list(map(lambda v: v * 2, [1, 2])), list(filter(None, [0, 1, 2])), any([0, 1]), all([]))
matrix = [[1, 2], [3, 4]]
print([x for row in matrix for x in row], [list(t) for t in zip(*matrix)])
print(list(reversed([1, 2, 3])), sum([0.5, 1.5]), abs(-3), round(2.567, 2), divmod(7, 2), pow(2, 10))
