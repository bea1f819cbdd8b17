#: chained and starred assignment
a = b = 1
c, d = d2, e = 2, 3
f, *g, h = range(5)
[i, (j, *k)] = [1, "abc"]
print(a, b, c, d, d2, e, f, g, h, i, j, k)
*m, = "xy"
print(m)
#: swap and augmented assignment
a, b = 1, 2
a, b = b, a
a += 5; b *= 3
a -= 1; a **= 2; b //= 4
print(a, b)
l = [1]
m = l
l += [2]
print(l, m is l)
t = (1,)
u = t
t += (2,)
print(t, u)
s = "a"
s *= 3
print(s)
d = {"k": [1]}
d["k"] += [2]
d["n"] = 1
d["n"] <<= 3
print(d)
#: augmented assignment computes its target once
def f():
    print("f")
    return [1, 2]
f()[0] += 1
i = 0
def nxt():
    global i
    i += 1
    return i
l = [0, 0, 0, 0]
l[nxt()] += 5
print(l, i)
#: annotations
x: int = 3
y: "anything"
z: list[int] = []
def f(a: int, b: str = "x", *c: float, **d) -> None:
    return a, b
print(x, z, f(1))
print(y)
#: walrus
if (n := len("abc")) > 2:
    print(n)
print([y := 1, y ** 2])
while (k := n) > 0:
    n -= 1
print(k, n)
print([last := x for x in range(3)], last)
#: if elif else
for x in range(4):
    if x == 0:
        print("zero")
    elif x == 1: print("one")
    elif x == 2:
        pass
    else:
        print("more")
#: while else break continue
i = 0
while i < 5:
    i += 1
    if i == 2:
        continue
    if i == 4:
        break
    print(i)
else:
    print("no")
while i < 6:
    i += 1
else:
    print("else", i)
#: for else
for x in [1, 2, 3]:
    if x == 5:
        break
else:
    print("not found")
for x in "ab":
    for y in range(2):
        if y: break
        print(x, y)
else:
    print("end")
print(x, y)
#: loop over a list that grows
l = [1, 2, 3]
for x in l:
    if x < 3:
        l.append(x + 5)
print(l)
#: loop over a dict that grows
d = {1: 2}
for k in d:
    d[k + 1] = 1
#: set changes size
s = {1}
for x in s:
    s.add(x + 1)
#: dict views are live
d = {"a": 1}
k = d.keys()
d["b"] = 2
print(k, len(k), "b" in k, list(d.items()))
print({1: 1}.keys() & {1, 2}, {1: 2}.items() == {1: 2}.items())
#: del
a = [1, 2, 3, 4, 5]
del a[0], a[-1]
print(a)
del a[::2]
print(a)
d = {1: 2, 3: 4}
del d[1]
print(d)
x = 1
del x
try:
    x
except NameError as e:
    print(e)
del a, (d)
print(a)
#: slice assignment
a = list(range(6))
a[1:3] = [9, 9, 9]
print(a)
a[::2] = "abcd"
print(a)
a[:0] = [0]
a[len(a):] = [7]
print(a)
a[::2] = [1]
#: index errors when assigning
a = [1]
try:
    a[3] = 1
except IndexError as e:
    print(e)
try:
    del a[5]
except IndexError as e:
    print(e)
try:
    (1, 2)[0] = 3
except TypeError as e:
    print(e)
try:
    "abc"[0] = "x"
except TypeError as e:
    print(e)
try:
    del (1,)[0]
except TypeError as e:
    print(e)
try:
    a["x"] = 1
except TypeError as e:
    print(e)
None[0] = 1
#: unpacking errors
def t(f):
    try:
        f()
    except Exception as e:
        print(type(e).__name__, e)
def a():
    x, y = 1
def b():
    x, y = 1, 2, 3
def c():
    x, y = [1]
def d():
    x, *y, z = [1]
def e():
    (x, y), z = (1, 2), 3
    x, y = "abc"
def f():
    for x, y in [(1, 2), (3,)]:
        print(x, y)
for g in (a, b, c, d, e, f): t(g)
#: assert
assert 1
assert True, "fine"
try:
    assert 0
except AssertionError as e:
    print(repr(e))
assert 1 == 2, f"got {1 + 1}"
#: assert without message
assert []
#: try except else finally
def f(x):
    try:
        if x == 0:
            raise ValueError("zero")
        if x == 1:
            return "returned"
        r = "normal"
    except ValueError as e:
        return f"caught {e}"
    else:
        return "else " + r
    finally:
        print("finally", x)
print(f(0), f(1), f(2))
#: finally overrides return
def f():
    try:
        return 1
    finally:
        return 2
def g():
    for i in range(3):
        try:
            continue
        finally:
            print(i)
            if i == 1:
                break
    return i
def h():
    try:
        raise ValueError
    finally:
        return "swallowed"
print(f(), g(), h())
#: except order and tuples
for e in (KeyError("k"), IndexError("i"), ValueError("v"), ZeroDivisionError()):
    try:
        raise e
    except LookupError as x:
        print("lookup", repr(x))
    except (ValueError, TypeError) as x:
        print("value", x)
    except:
        print("other")
#: the name of a handler goes away
try:
    raise ValueError(1)
except ValueError as e:
    pass
print(e)
#: reraise
def f():
    try:
        raise ValueError("inner")
    except ValueError:
        raise
try:
    f()
except ValueError as e:
    print(e)
raise
#: raise from and context
try:
    try:
        1 / 0
    except ZeroDivisionError as e:
        raise ValueError("bad") from e
except ValueError as e:
    print(repr(e.__cause__), repr(e.__context__))
try:
    try:
        1 / 0
    except ZeroDivisionError:
        {}["x"]
except KeyError as e:
    print(repr(e.__context__), e.__cause__)
#: raise a class
try:
    raise KeyError
except KeyError as e:
    print(repr(e), e.args)
raise NotImplementedError
#: raise nonsense
raise 3
#: catching nonsense
try:
    1 / 0
except 3:
    pass
#: user exceptions
class MyError(Exception):
    def __init__(self, code, message):
        super().__init__(message)
        self.code = code
class Sub(MyError):
    def __str__(self):
        return f"[{self.code}] {self.args[0]}"
try:
    raise Sub(3, "hello")
except MyError as e:
    print(e, repr(e), e.code, e.args, isinstance(e, Exception))
raise MyError(1, "uncaught")
#: exception in exception arguments
class E(Exception): pass
print(E(1, 2), repr(E("a")), str(E()), E() == E())
raise E
#: nested functions raise from the right line
def f(x):
    return g(x)

def g(x):
    y = 1
    return x / 0
f(1)
#: with
class C:
    def __init__(self, n, swallow=False):
        self.n, self.swallow = n, swallow
    def __enter__(self):
        print("enter", self.n)
        return self.n * 2
    def __exit__(self, t, v, tb):
        print("exit", self.n, t.__name__ if t else None, v)
        return self.swallow
with C(1) as a, C(2) as b:
    print(a, b)
with C(3, True):
    1 / 0
def f():
    with C(4):
        return "r"
print(f())
with (C(5) as x, C(6)):
    print(x)
for i in range(2):
    with C(7):
        break
with C(8):
    raise ValueError("v")
#: with something else
with 3 as x:
    pass
#: with unpacking
class P:
    def __enter__(self): return (1, [2])
    def __exit__(self, *a): pass
with P() as (a, [b]):
    print(a, b)
#: pass and docstrings
"doc"
def f():
    "doc of f"
class C:
    """doc of C"""
    def g(self): ...
print(f(), f.__doc__, C.__doc__, C().g())
#: one line suites and semicolons
if 1: print("a"); print("b")
for i in range(2): print(i); continue
x = 1; y = 2;
print(x, y)
#: lines that go on
x = (1 +
     2)
y = [
    1,
    2,  # comment
]
z = 1 + \
    2
s = """a
b"""
print(x, y, z, s)
#: comments and blank lines
# first

def f():

    # inside
    return 1

    # after

print(f())  # end
#: name and main
if __name__ == "__main__":
    print("main")
#: import
from __future__ import annotations
import math
import math as m
from math import pi, sqrt as root
from math import (floor, ceil,)
print(math.pi == m.pi == pi, root(4), floor(1.5), ceil(1.5), math.sqrt(2))
#: import what is not there
import nosuchmodule as n
#: from import what is not there
from math import foo
#: module attribute that is not there
import math
math.foo
#: global statements
x = 1
def f():
    global x, y
    x += 1
    y = "made"
f()
print(x, y)
#: unbound local
x = 1
def f():
    print(x)
    x = 2
f()
#: unbound free variable
def f():
    def g():
        return x
    g()
    x = 1
f()
#: name error
print(undefined)
#: builtins can be shadowed
def f():
    len = 3
    return len
print(f(), len("ab"))
list = [1]
print(list)
del list
print(list("ab"))
#: statements after return are not run
def f():
    return 1
    print("no")
print(f())
