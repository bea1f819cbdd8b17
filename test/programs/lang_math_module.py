# The modules math, functools, itertools and collections.
import functools
import itertools
import math
from collections import OrderedDict, defaultdict

import torch

print(math.pi, math.e, math.sqrt(2), math.exp(1), math.log(10), math.log(8, 2), math.floor(-1.5), math.ceil(1.2))
print(math.sin(0.5), math.inf, math.isnan(math.nan), math.factorial(5), math.hypot(3, 4), math.prod([1, 2, 3]))
print(functools.reduce(lambda a, b: a * b, [1, 2, 3, 4]))
add_two = functools.partial(torch.add, other=2)
print(add_two(torch.tensor([1., 2.])))
print(list(itertools.product([0, 1], repeat=2)), list(itertools.combinations("abc", 2)))
print(list(itertools.accumulate([1, 2, 3])), list(itertools.chain([1], [2, 3])))
groups = defaultdict(list)
for name in ["w1", "b1", "w2"]:
    groups[name[0]].append(name)
print(dict(groups))
print(list(OrderedDict(a=1, b=2).items()))
print(torch.pi, math.cos(torch.pi))
