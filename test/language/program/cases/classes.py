#: attributes and methods
class A:
    count = 0
    def __init__(self, x):
        self.x = x
        A.count += 1
    def get(self):
        return self.x
a, b = A(1), A(2)
b.x = 5
b.count = 9
print(a.get(), b.get(), A.count, a.count, b.count, A.get(a))
del b.count
print(b.count)
a.missing
#: repr and str
class A:
    def __repr__(self): return "A!"
class B:
    def __str__(self): return "str B"
    def __repr__(self): return "repr B"
print(A(), [A()], str(A()), f"{A()} {A()!r}", B(), [B()], f"{B()} {B()!r}", "%s %r" % (B(), B()))
#: inheritance
class A:
    def f(self): return "A.f"
    def g(self): return "A.g " + self.f()
class B(A):
    def f(self): return "B.f+" + super().f()
class C(B): pass
print(C().f(), C().g(), isinstance(C(), A), issubclass(C, A), issubclass(A, C), type(C()).__name__)
#: multiple inheritance and order
class O:
    def f(self): return ["O"]
class A(O):
    def f(self): return ["A"] + super().f()
class B(O):
    def f(self): return ["B"] + super().f()
class C(A, B):
    def f(self): return ["C"] + super().f()
print(C().f())
#: no consistent order
class A: pass
class B(A): pass
class C(A, B): pass
#: super with arguments
class A:
    def __init__(self, x): self.x = x
class B(A):
    def __init__(self, x, y):
        super(B, self).__init__(x)
        self.y = y
b = B(1, 2)
print(b.x, b.y)
#: operators
class V:
    def __init__(self, x, y): self.x, self.y = x, y
    def __repr__(self): return f"V({self.x}, {self.y})"
    def __add__(self, o): return V(self.x + o.x, self.y + o.y)
    def __sub__(self, o): return V(self.x - o.x, self.y - o.y)
    def __mul__(self, k): return V(self.x * k, self.y * k)
    __rmul__ = __mul__
    def __neg__(self): return V(-self.x, -self.y)
    def __eq__(self, o): return isinstance(o, V) and (self.x, self.y) == (o.x, o.y)
    def __bool__(self): return bool(self.x or self.y)
    def __abs__(self): return (self.x ** 2 + self.y ** 2) ** 0.5
    def __matmul__(self, o): return self.x * o.x + self.y * o.y
    def __iadd__(self, o):
        self.x += o.x
        self.y += o.y
        return self
    def __getitem__(self, i): return (self.x, self.y)[i]
    def __len__(self): return 2
    def __contains__(self, v): return v in (self.x, self.y)
    def __call__(self, k): return self * k
    def __round__(self, n=None): return V(round(self.x, n), round(self.y, n))
v = V(1, 2)
w = v
print(v + V(3, 4), v - v, v * 2, 3 * v, -v, v == V(1, 2), v != V(1, 2), bool(V(0, 0)), abs(V(3, 4)), v @ v)
v += V(10, 10)
print(v, w is v, v[0], v[1], len(v), 11 in v, list(v), v(2), round(V(1.26, 2.34), 1))
x, y = v
print(x, y)
v * v
#: comparisons
class N:
    def __init__(self, n): self.n = n
    def __lt__(self, o): return self.n < o.n
    def __le__(self, o): return self.n <= o.n
    def __repr__(self): return f"N{self.n}"
print(sorted([N(3), N(1), N(2)]), max([N(1), N(5)]), N(1) > N(0), N(1) >= N(2), N(1) == N(1))
N(1) < 3
#: reflected operators and NotImplemented
class A:
    def __add__(self, o): return NotImplemented
    def __eq__(self, o): return NotImplemented
class B:
    def __radd__(self, o): return "radd"
    def __rsub__(self, o): return ("rsub", o)
print(A() + B(), 1 - B(), "s" - B(), [1] + B(), A() == A(), A() != 3)
A() + 1
#: subclasses go first
class A:
    def __add__(self, o): return "A"
    def __radd__(self, o): return "rA"
class B(A):
    def __radd__(self, o): return "rB"
print(A() + B(), B() + A(), A() + A())
#: containers of one's own
class S:
    def __init__(self): self.d = {}
    def __setitem__(self, k, v): self.d[k] = v
    def __getitem__(self, k): return self.d[k]
    def __delitem__(self, k): del self.d[k]
    def __contains__(self, k): return k in self.d
    def __len__(self): return len(self.d)
    def __iter__(self): return iter(self.d)
s = S()
s["a"] = 1
s["b"] = 2
del s["a"]
print(s["b"], "a" in s, len(s), list(s), bool(s), bool(S()))
s["zz"]
#: iterators of one's own
class R:
    def __init__(self, n): self.n = n
    def __iter__(self): return self
    def __next__(self):
        if self.n == 0:
            raise StopIteration
        self.n -= 1
        return self.n
print(list(R(3)), sum(R(4)), [x for x in R(2)], next(R(5)), dict(zip("ab", R(2))))
a, b = R(2)
print(a, b)
next(R(0))
#: getitem iterates
class G:
    def __getitem__(self, i):
        if i > 2: raise IndexError
        return i * 10
print(list(G()), 20 in G())
#: properties
class C:
    def __init__(self): self._x = 1
    @property
    def x(self):
        return self._x
    @x.setter
    def x(self, v):
        if v < 0: raise ValueError("negative")
        self._x = v
    @property
    def double(self): return self._x * 2
c = C()
c.x = 5
print(c.x, c.double)
try:
    c.x = -1
except ValueError as e:
    print(e)
c.double = 3
#: static and class methods
class A:
    n = 1
    @staticmethod
    def s(x): return x + 1
    @classmethod
    def c(cls, x): return cls.__name__, cls.n, x
    @classmethod
    def make(cls): return cls()
class B(A):
    n = 2
print(A.s(1), A().s(2), A.c(3), B.c(4), B().c(5), type(B.make()).__name__)
#: class attributes and scopes
x = "global"
class A:
    x = "class"
    y = x + "!"
    z = [i for i in range(3)]
    def f(self): return x
print(A.x, A.y, A.z, A().f())
class B:
    print("in body", x)
    x = "own"
    print(x)
#: a class in a function
def f(n):
    class A:
        m = n
        def g(self): return n, self.m
    return A
print(f(3)().g(), f(4)().g(), f(1).__name__)
#: callable instances
class L:
    def __init__(self, w): self.w = w
    def __call__(self, x, *, scale=1): return self.w * x * scale
l = L(3)
print(l(2), l(2, scale=10), callable(l), list(map(l, [1, 2])))
#: getattr and setattr
class A:
    x = 1
a = A()
setattr(a, "y", 2)
print(getattr(a, "x"), getattr(a, "y"), getattr(a, "z", None), hasattr(a, "y"), hasattr(a, "z"))
#: dynamic attributes
class D:
    def __init__(self): self.known = 1
    def __getattr__(self, name):
        if name.startswith("auto"): return name.upper()
        raise AttributeError(f"no {name}")
d = D()
print(d.known, d.auto_x, hasattr(d, "other"), getattr(d, "other", "default"))
d.other
#: setattr of one's own
class A:
    def __setattr__(self, name, value):
        print("set", name, value)
        super().__setattr__(name, value)
a = A()
a.x = 3
print(a.x)
#: new
class A:
    def __new__(cls, *args):
        print("new", args)
        return super().__new__(cls)
    def __init__(self, x):
        self.x = x
print(A(1).x)
#: private names
class A:
    def __init__(self): self.__x = 1
    def get(self): return self.__x
a = A()
print(a.get(), a._A__x, hasattr(a, "__x"))
#: no arguments taken
class A: pass
A(1)
#: init returns something
class A:
    def __init__(self): return 3
A()
#: instances without repr
class A: pass
print(A, type(A()), A.__name__, isinstance(A(), object), A() == A())
#: hash and equality in dicts
class K:
    def __init__(self, n): self.n = n
    def __eq__(self, o): return self.n == o.n
    def __hash__(self): return hash(self.n)
d = {K(1): "one"}
print(d[K(1)], K(1) in d, K(2) in d, len({K(1), K(1), K(2)}))
class U:
    def __eq__(self, o): return True
{U()}
#: len says nonsense
class A:
    def __len__(self): return -1
len(A())
#: bool says nonsense
class A:
    def __bool__(self): return 3
if A(): pass
#: str says nonsense
class A:
    def __str__(self): return 3
str(A())
#: format of one's own
class A:
    def __format__(self, spec): return f"<{spec}>"
print(f"{A():abc}", "{:x}".format(A()), format(A()))
class B: pass
f"{B():>10}"
#: index and float
class I:
    def __index__(self): return 2
    def __float__(self): return 2.5
    def __int__(self): return 7
print([1, 2, 3][I()], float(I()), int(I()), range(I()), "abc" * I(), hex(I()))
#: missing attribute of a class
class A: pass
A.x
#: deleting attributes
class A: pass
a = A()
a.x = 1
del a.x
del a.x
#: attributes of values
try:
    (1).x = 2
except AttributeError as e: print(e)
try:
    [].x = 2
except AttributeError as e: print(e)
try:
    int.x = 2
except TypeError as e: print(e)
try:
    "a".upper = 2
except AttributeError as e: print(e)
#: methods are values
class A:
    def f(self, x): return x * 2
g = A().f
print(g(2), list(map(A().f, [1])), A.f.__name__, g.__name__)
#: a stack and a queue
class Stack:
    def __init__(self): self._items = []
    def push(self, x):
        self._items.append(x)
        return self
    def pop(self):
        if not self._items:
            raise IndexError("pop from empty stack")
        return self._items.pop()
    @property
    def size(self): return len(self._items)
s = Stack().push(1).push(2)
print(s.pop(), s.size, s.pop())
s.pop()
#: layers as a program has them
class Module:
    def __call__(self, *a): return self.forward(*a)
    def parameters(self):
        for v in self.attrs():
            if isinstance(v, Module): yield from v.parameters()
            else: yield v
    def attrs(self): return []
class Linear(Module):
    def __init__(self, w, b): self.w, self.b = w, b
    def forward(self, x): return [self.w * v + self.b for v in x]
    def attrs(self): return [self.w, self.b]
class Net(Module):
    def __init__(self):
        super().__init__()
        self.layers = [Linear(2, 1), Linear(-1, 0.5)]
    def forward(self, x):
        for layer in self.layers: x = layer(x)
        return x
    def attrs(self): return self.layers
n = Net()
print(n([1, 2.5]), list(n.parameters()))
#: gradient descent in plain numbers
def loss(w): return sum((w * x - y) ** 2 for x, y in data) / len(data)
def grad(w): return sum(2 * x * (w * x - y) for x, y in data) / len(data)
data = [(i / 10, 3 * i / 10) for i in range(10)]
w, lr = 0.0, 0.1
for step in range(50):
    w -= lr * grad(w)
    if step % 10 == 0:
        print(f"step {step:3d} loss {loss(w):.6f} w {w:.4f}")
print(w)
#: sieve, gcd, sort
def sieve(n):
    p = [True] * (n + 1)
    for i in range(2, int(n ** 0.5) + 1):
        if p[i]:
            p[i * i::i] = [False] * len(p[i * i::i])
    return [i for i in range(2, n + 1) if p[i]]
print(sieve(50))
def gcd(a, b):
    while b: a, b = b, a % b
    return a
print(gcd(2 ** 64, 6 ** 20))
def quick(l):
    if len(l) < 2: return l
    p, *rest = l
    return quick([x for x in rest if x < p]) + [p] + quick([x for x in rest if x >= p])
print(quick([3, 6, 1, 8, 2, 9, 2]))
#: words
text = "the quick brown fox jumps over the lazy dog the end"
counts = {}
for word in text.split():
    counts[word] = counts.get(word, 0) + 1
for word, n in sorted(counts.items(), key=lambda p: (-p[1], p[0]))[:4]:
    print(f"{word:>6} {'*' * n}")
#: matrices
a = [[1, 2], [3, 4]]
b = [[0, 1], [1, 0]]
print([[sum(x * y for x, y in zip(r, c)) for c in zip(*b)] for r in a], list(zip(*a)), [list(r) for r in zip(*a[::-1])])
#: cyclic containers
l = [1]
l.append(l)
print(l, l == l, len(l))
d = {}
d["self"] = d
print(d)
t = ([],)
t[0].append(t)
print(t)
