#: functools
from functools import partial, reduce, lru_cache, cache, wraps, cmp_to_key
import functools
add = partial(lambda a, b, c=0: (a, b, c), 1, c=5)
print(add(2), add(3, c=7), reduce(lambda a, b: a * b, [1, 2, 3, 4]), reduce(lambda a, b: a + b, [], "start"))
calls = []
@lru_cache(maxsize=None)
def fib(n):
    calls.append(n)
    return n if n < 2 else fib(n - 1) + fib(n - 2)
print(fib(30), len(calls))
@cache
def sq(x): return x * x
print(sq(3), sq(3.0), sq(x=4))
def deco(f):
    @wraps(f)
    def g(*a): return f(*a)
    return g
@deco
def named(): "doc"
print(named.__name__, named.__doc__)
print(sorted([3, 1, 2], key=cmp_to_key(lambda a, b: b - a)))
reduce(lambda a, b: a, [])
#: itertools
from itertools import *
print(list(islice(count(5, 2), 3)), list(repeat("a", 2)), list(islice(cycle("ab"), 5)), list(chain([1], "ab")), list(chain.from_iterable([[1], [2, 3]])))
print(list(accumulate([1, 2, 3])), list(accumulate([1, 2, 3], lambda a, b: a * b)), list(accumulate([1, 2], initial=10)))
print(list(takewhile(lambda x: x < 3, [1, 2, 3, 1])), list(dropwhile(lambda x: x < 3, [1, 2, 3, 1])), list(filterfalse(None, [0, 1, 2])), list(starmap(pow, [(2, 3), (3, 2)])))
print(list(pairwise("abc")), list(zip_longest([1, 2], "a", fillvalue="-")), list(product("ab", [1, 2])), list(product([0, 1], repeat=2)))
print(list(combinations("abc", 2)), list(combinations_with_replacement("ab", 2)), list(permutations([1, 2, 3], 2)), len(list(permutations("abcd"))), list(combinations([1], 2)), list(permutations([])))
print([(k, list(g)) for k, g in groupby("aabbbc")], [(k, len(list(g))) for k, g in groupby([1, 3, 2, 4, 5], key=lambda x: x % 2)])
print(list(islice("abcdef", 1, None, 2)), list(islice("abc", 2)), [list(x) for x in tee([1, 2])])
#: collections
from collections import namedtuple, OrderedDict, defaultdict, Counter, deque
P = namedtuple("P", "x y")
p = P(1, y=2)
print(p, p.x, p[1], p == (1, 2), p._replace(x=5), p._asdict(), P._fields, len(p), [*p], isinstance(p, tuple))
x, y = p
Q = namedtuple("Q", ["a", "b"], defaults=[9])
print(Q(1), Q(1, 2))
d = defaultdict(list)
d["a"].append(1)
d["b"]
print(d, dict(d), "c" in d, d.get("c"), isinstance(d, dict))
n = defaultdict(int)
for c in "hello": n[c] += 1
print(sorted(n.items()))
c = Counter("mississippi")
print(c, c["s"], c["z"], c.most_common(2), c.total(), sorted(c.elements()))
c.update("zz")
print(c["z"], Counter("ab") + Counter("bc"), Counter("ab") - Counter("bc"), Counter(a=2))
o = OrderedDict([("a", 1), ("b", 2)])
o.move_to_end("a")
print(o, list(o), o == {"b": 2, "a": 1})
q = deque([1, 2, 3], maxlen=3)
q.append(4)
q.appendleft(0)
print(q, q.pop(), q.popleft(), len(q), q[0])
q.extend([7, 8])
q.rotate(1)
print(q, list(q), list(reversed(q)), 8 in q)
deque().pop()
#: named tuple without an argument
from collections import namedtuple
P = namedtuple("P", "x y")
P(1, 2).z
#: default dict without a factory
from collections import defaultdict
defaultdict()["x"]
#: dataclasses
from dataclasses import dataclass, field, asdict, replace, astuple
@dataclass
class A:
    x: int
    y: float = 2.5
    z: list = field(default_factory=list)
    n: int = field(default=7, repr=False)
a, b = A(1), A(1)
a.z.append(3)
print(a, b, a == b, A(1) == b, A(x=3, y=4), a.n, A.y, asdict(a), astuple(b), replace(b, x=9))
@dataclass
class B(A):
    w: str = "w"
    def __post_init__(self):
        self.double = self.x * 2
print(B(2), B(2).double, B(2) == A(2))
@dataclass(order=True, frozen=True)
class V:
    major: int
    minor: int = 0
print(V(1) < V(1, 2), sorted([V(2), V(1, 5), V(1)]), V(1) in {V(1)}, len({V(1), V(1), V(2)}))
try:
    V(1).major = 3
except Exception as e:
    print(type(e).__name__, e)
def t(*a, **k):
    try: A(*a, **k)
    except TypeError as e: print(e)
t(); t(1, 2, 3, 4, 5); t(1, q=2); t(1, x=2)
@dataclass
class Bad:
    x: list = []
#: random
import random
random.seed(42)
print(random.random(), random.random(), random.randint(1, 100), random.randrange(10), random.randrange(0, 100, 7), random.choice("abcdef"), random.uniform(1, 10))
l = list(range(10))
random.shuffle(l)
print(l, random.sample(range(100), 5), random.sample(range(1000), 3), random.choices("abc", k=4), random.choices([1, 2, 3], weights=[1, 1, 8], k=5), random.getrandbits(40))
random.seed(0)
print([random.randint(0, 9) for _ in range(10)], random.getrandbits(1), random.getrandbits(100))
random.seed(2 ** 70 + 5)
print(random.random(), random.expovariate(1.5))
random.randint(5, 1)
#: typing
from typing import List, Optional, Dict, Any, Callable, Union, Tuple
def f(x: Optional[int] = None, *a: List[Dict[str, Any]]) -> Union[int, Tuple[int, ...]]:
    v: Callable[[int], str] = str
    return v(x)
print(f(3))
