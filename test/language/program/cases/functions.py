#: defaults and keywords
def f(a, b=2, *args, c, d=4, **kw):
    return a, b, args, c, d, kw
print(f(1, c=3))
print(f(1, 2, 3, 4, c=5, d=6, e=7))
print(f(*[1, 2], **{"c": 3, "x": 4}))
print(f(c=1, a=2))
#: defaults are computed once
def f(x, l=[]):
    l.append(x)
    return l
print(f(1), f(2), f(3, []))
#: positional only
def f(a, b, /, c, *, d):
    return a, b, c, d
print(f(1, 2, 3, d=4), f(1, 2, c=3, d=4))
f(1, b=2, c=3, d=4)
#: missing arguments
def f(x, y, z): pass
def t(*a, **k):
    try:
        f(*a, **k)
    except TypeError as e:
        print(e)
t(); t(1); t(1, 2); t(1, 2, 3, 4); t(x=1); t(1, x=1); t(1, 2, 3, w=4)
#: too many arguments
def f(): pass
def g(a): pass
def h(a, b=1): pass
def i(a, *, k): pass
def t(f, *a, **k):
    try:
        f(*a, **k)
    except TypeError as e:
        print(e)
t(f, 1); t(g, 1, 2); t(h, 1, 2, 3); t(i, 1, 2); t(i, 1, 2, k=1); t(i, 1)
#: methods count self
class A:
    def f(self, x): pass
    def g(): pass
def t(f, *a, **k):
    try:
        f(*a, **k)
    except TypeError as e:
        print(e)
t(A().f); t(A().f, 1, 2); t(A().g); t(A.f); t(A, 1)
#: closures
def counter():
    n = 0
    def inc(by=1):
        nonlocal n
        n += by
        return n
    def get():
        return n
    return inc, get
inc, get = counter()
inc(); inc(5)
print(get())
fs = []
for i in range(3):
    fs.append(lambda: i)
print([f() for f in fs])
print([f() for f in [lambda i=i: i for i in range(3)]])
print([f() for f in [lambda: j for j in range(3)]])
#: nested closures
def a(x):
    def b(y):
        def c(z):
            return x + y + z
        return c
    return b
print(a(1)(2)(3))
def make():
    x = 1
    def outer():
        def inner():
            nonlocal x
            x += 1
            return x
        return inner
    return outer()
g = make()
print(g(), g())
#: recursion
def fact(n):
    return 1 if n <= 1 else n * fact(n - 1)
def fib(n):
    if n < 2:
        return n
    return fib(n - 1) + fib(n - 2)
print(fact(20), fact(50), fib(15))
def even(n): return n == 0 or odd(n - 1)
def odd(n): return n != 0 and even(n - 1)
print(even(100))
#: deep recursion
def f(n):
    return 0 if n == 0 else 1 + f(n - 1)
print(f(500))
try:
    f(100000)
except RecursionError as e:
    print("RecursionError")
#: decorators
def twice(f):
    def g(*a, **k):
        return f(*a, **k), f(*a, **k)
    return g
def tag(name):
    def d(f):
        return lambda *a: (name, f(*a))
    return d
@tag("t")
@twice
def f(x):
    return x + 1
print(f(1))
@tag("class")
class C: pass
print(C()[0])
#: lambda
f = lambda x, *y, z=3, **k: (x, y, z, k)
print(f(1), f(1, 2, 3, z=4, w=5), (lambda: (yield_ := 3))())
#: functions are values
def f(): return 1
f.attr = 3
print(f.attr, f.__name__, f == f, callable(f), [g.__name__ for g in (f, len, max)])
f.missing
#: return several
def f(): return 1, 2
a, b = f()
print(a, b, f())
#: star in calls and displays
def f(*a): return a
print(f(*[1], 2, *(3, 4)), [*f(1), *"ab"], {**{"a": 1}, "a": 2}, f(*range(3)))
#: generators
def gen(n):
    for i in range(n):
        print("making", i)
        yield i
g = gen(3)
print(next(g), next(g))
for x in g: print("rest", x)
print(next(g, "done"))
try:
    next(g)
except StopIteration:
    print("stop")
#: generator send and return
def g():
    got = []
    while True:
        x = yield len(got)
        if x is None:
            break
        got.append(x)
    return got
def h():
    r = yield from g()
    print("returned", r)
    yield "end"
i = h()
print(next(i), i.send("a"), i.send("b"))
print(next(i))
print(list(i))
#: generator with try finally
def g():
    try:
        yield 1
        yield 2
    finally:
        print("cleanup")
for x in g():
    print(x)
i = g()
next(i)
i.close()
def h():
    try:
        yield 1
    except ValueError as e:
        yield f"caught {e}"
i = h()
next(i)
print(i.throw(ValueError("x")))
#: generator is exhausted
g = (x for x in range(3))
print(list(g), list(g), sum(x for x in range(3)))
#: generator methods in classes
class T:
    def __init__(self, *kids): self.kids = kids
    def __iter__(self):
        yield self
        for k in self.kids:
            yield from k
t = T(T(), T(T()))
print(len(list(t)))
#: infinite generator
def count():
    n = 0
    while True:
        yield n
        n += 1
for x in count():
    if x > 3: break
print(x)
def take(n, it):
    return [x for x, _ in zip(it, range(n))]
print(take(3, count()))
#: generator raises
def g():
    yield 1
    raise ValueError("in generator")
for x in g(): print(x)
#: StopIteration in a generator
def g():
    yield 1
    raise StopIteration
print(list(g()))
#: lazy generator expressions
def f(x):
    print("f", x)
    return x
g = (f(x) for x in [1, 2])
print("made")
print(next(g))
print(any(f(x) for x in [0, 1, 2]))
#: comprehension scopes
x = "outer"
print([x for x in range(3)], x)
def f():
    y = 5
    return [y * i for i in range(3)], {k: y for k in "ab"}, {i + y for i in range(2)}, list(y for _ in range(2))
print(f())
print([[j for j in range(i)] for i in range(3)])
print([a for a in [1, 2, 3] for b in [a] if b > 1])
#: not callable
x = 3
x()
#: keyword given twice
def f(**k): return k
f(a=1, **{"a": 2})
#: unexpected keyword of a method
class A:
    def m(self, a): pass
A().m(1, b=2)
#: sort by key and stability
l = [("b", 1), ("a", 1), ("c", 0)]
print(sorted(l, key=lambda t: t[1]), sorted(l, key=lambda t: t[1], reverse=True))
l.sort()
print(l)
l.sort(key=lambda t: -t[1])
print(l)
#: map filter zip are lazy
m = map(lambda x: x * 2, [1, 2, 3])
print(next(m), list(m), list(m))
z = zip([1, 2], "ab")
print(dict(z), list(z))
#: print
print("a", 1, None, sep="-", end="!\n")
print()
print("", end="")
print([1, "x"], ("y",), {"z": 1.0})
print("multi\nline", "tab\there")
#: number formats in programs
for x in (0, 1, -1, 12345, 0.1, 1e10, -2.5e-8):
    print(f"{x:>12} {x:<12}| {x:+.3e} {x:,.2f} {x:g}")
#: table
rows = [("name", "n"), ("alpha", 1), ("beta", 22)]
for name, n in rows:
    print(f"{name:<8}|{n:>4}")
#: string building
s = ""
for i in range(5):
    s += str(i) + ","
print(s, s.split(","), s[:-1].replace(",", "+"))
