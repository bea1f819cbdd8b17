#: match
class P:
    __match_args__ = ('x', 'y')
    def __init__(self, x, y): self.x, self.y = x, y
class C: RED = 1
def f(v):
    match v:
        case 0 | 1: return 'small'
        case -5: return 'neg'
        case 'a' 'b': return 'ab'
        case None: return 'none'
        case True: return 'true'
        case C.RED: return 'red'
        case []: return 'empty'
        case [x]: return ('one', x)
        case (1, *rest): return ('one and', rest)
        case [a, [b, c], *_, d]: return (a, b, c, d)
        case {'k': k, **rest}: return ('map', k, rest)
        case {'z': 1 | 2 as z}: return ('z', z)
        case P(0, y=yy): return ('P0', yy)
        case P(x, y) if x == y: return ('diag', x)
        case P() as p: return ('P', p.x, p.y)
        case int(n) | float(n): return ('num', n)
        case str() as s: return ('str', s)
        case _: return 'other'
for v in [0, 1, -5, 'ab', None, True, 1.0, [], [3], (1,2,3), [5,[6,7],8,9], {'k':1,'b':2}, {'z':2}, P(0,1), P(2,2), P(3,4), 17, 2.5, 'hey', {1,2}, range(3), {}]:
    print(f(v))
match = 3
case = 4
match
print(match, case)
match: int = 5
match(3) if False else 0
match, case = case, match
match x := 5, 6:
    case (5, y):
        print(x, y, match)
try:
    match 3:
        case int(a, b): pass
except TypeError as e: print(e)
try:
    match P(1,2):
        case P(a, b, c): pass
except TypeError as e: print(e)
try:
    match P(1,2):
        case P(a, x=c): pass
except TypeError as e: print(e)
try:
    match P(1,2):
        case C.RED(): pass
except TypeError as e: print(e)
def g(cmd):
    match cmd.split():
        case ["go", ("north" | "south") as d]: yield d
        case ["drop", *objs]:
            for o in objs: yield o
    got = yield 5
    print('got', got)
print(list(g("go north")), list(g("drop a b c")))

#: yield in expressions
def g():
    x = [(yield 1), (yield 2)]
    print(x)
    print((yield 3) + (yield 4) * 2, end='!\n')
    d = {(yield 'k'): (yield 'v'), **(yield 'm')}
    print(d)
    if (yield 'c') and (yield 'd'):
        print('both')
    while (v := (yield 'w')) != 'stop':
        print('v', v)
    for i in (yield 'it'):
        print(i, (yield i))
    print(f"{(yield 'f')!r:>5}{(yield 'h')}")
    a = b = yield
    print(a, b)
    a.append((yield 'a'))
    print(a)
    a[(yield 'idx')] = yield 'val'
    print(a)
    a[0] += yield
    print(a)
    assert (yield 'as') , (yield 'msg')
    try:
        raise (yield 'r')
    except ValueError as e:
        print('caught', e, (yield 'in handler'))
    with (yield 'cm') as (p, q):
        print(p, q, (yield 'body'))
    z = 1 < (yield 'lt') < (yield 'lt2')
    print(z)
    y = (yield 't') if (yield 'cond') else (yield 'e')
    print(y)
    match (yield 'm'):
        case [u, w] if (yield 'guard'):
            print(u, w, (yield 'c'))
    def h(k=(yield 'def')): return k
    print(h())
    l = lambda: (yield 7)
    print(list(l()))
    print([t for t in (yield 'comp')])
    x = not (yield 'not'), -(yield 'neg')
    print(x)
    print(*(yield 'star'), **(yield 'kw'))
    del a[(yield 'del')]
    print(a)
    return (yield 'ret')
def sub():
    try:
        v = yield 'sub'
        print('v', v)
    except KeyError as e:
        print('ke', e)
        yield 'after'
    return 5
class CM:
    def __enter__(self): return (1, 2)
    def __exit__(self, t, v, tb): print('exit', t); return False
it = g()
sends = [None, 10, 20, 1, 2, 'key', 'val', {'z': 1}, True, True, 'a', 'b', 'stop', [1,2], 'x', 'y', 'ff', 'hh', [9], 8, 0, 0, 5, True, ValueError('boo'), 'ih', CM(), 'bb', 2, 3, True, 'then', [4,5], True, 'cc', 'dflt', [6,6], None]
try:
    for s in sends:
        print('->', it.send(s))
    it.send(0); print(it.throw(KeyError('k')))
    for s in [None, 0, 5, [1,2], {'sep':'-'}, 0, 'final']:
        print('->', it.send(s))
except (StopIteration, KeyError) as e:
    print('stop', e)
def c():
    try:
        while True:
            try:
                yield 1
            except ValueError as e:
                print('v', e, e.args)
    finally:
        print('closing')
it = c(); next(it); it.throw(ValueError('a')); it.throw(ValueError, 'b'); it.close(); it.close()
def c2():
    try: yield 1
    except GeneratorExit: yield 2
it = c2(); next(it)
try: it.close()
except RuntimeError as e: print(e)
def h():
    try: 1/0
    except ZeroDivisionError:
        yield 1
        try: raise
        except ZeroDivisionError as e: print('re', e)
        yield 2
it = h(); next(it)
try: raise
except RuntimeError as e: print(e)
next(it)
it = h()
try: it.send(5)
except TypeError as e: print(e)
print(next(it), list(it))
gen = (x*x for x in range(3)); print(gen.send(None), next(gen), list(gen))
def outer():
    r = yield from inner()
    print(r)
def inner():
    got = yield 1
    return got * 2
o = outer(); next(o)
try: o.send(21)
except StopIteration: print('done')

#: yield from and throw
def sub():
    try:
        v = yield 'sub'
        print('v', v)
    except KeyError as e:
        print('ke', e)
        yield 'after'
    return 5
def g():
    r = yield from sub()
    print('r', r)
    x = not (yield 'not'), -(yield 'neg')
    print(x)
    print(*(yield 'star'), **(yield 'kw'))
    a = [1,2,3]
    del a[(yield 'del')]
    print(a)
    return (yield 'ret')
it = g(); print(next(it)); print(it.throw(KeyError('k')))
try:
    for s in [None, 0, 5, [1,2], {'sep':'-'}, 0, 'final']:
        print('->', it.send(s))
except StopIteration as e: print(e.value)

#: classes of own types
class MyInt(int):
    def __new__(cls, v, tag='t'):
        self = super().__new__(cls, v); self.tag = tag; return self
    def __add__(self, o): return MyInt(int(self) + int(o), 'sum')
    def double(self): return self * 2
a = MyInt(5)
print(a, repr(a), a + 1, (a + 1).tag, a * 3, 3 * a, a - 1, a < 6, a == 5, {5: 'x'}[a], hash(a) == hash(5), isinstance(a, int), type(a).__name__, a.double(), range(a), [1]*a, f"{a:03d}", bool(MyInt(0)), -a, abs(MyInt(-3)), a / 2, float(a), int(a), a.bit_length(), 2 ** a, a.tag)
class S(str):
    def shout(self): return self.upper() + '!'
s = S('abc')
print(s, repr(s), s.shout(), s + 'd', 'x' + s, s[1], len(s), s in {'abc'}, ','.join([s, 'q']), s == 'abc', f"{s:>5}|", 'b' in s, list(s), '%s' % s, s * 2, isinstance(s, str))
class F(float): pass
print(F(2.5) * 2, F(2.5), round(F(2.567), 1), F('1.5') + 1, max(F(1), 2))
class L(list):
    def __init__(self, *a): super().__init__(a); self.name = 'l'
    def __getitem__(self, i): return ('got', super().__getitem__(i))
    def total(self): return sum(self)
l = L(1, 2, 3)
l.append(4)
print(l, l[0], l.total(), len(l), l.name, [x for x in l], l + [5], isinstance(l, list), l == [1,2,3,4], sorted(l, reverse=True), l[1:])
class Stack(list):
    push = list.append
    def peek(self): return self[-1]
st = Stack(); st.push(3); print(st.peek(), st, bool(Stack()))
class D(dict):
    def __missing__(self, k): return k * 2
    def __setitem__(self, k, v): super().__setitem__(k, v + 1)
    def __getattr__(self, k):
        try: return self[k]
        except KeyError: raise AttributeError(k)
d = D(a=1); d['b'] = 5
print(d, d['zz'], d.b, d.get('q'), 'a' in d, dict(d), d.items(), {**d})
class T(tuple):
    def __new__(cls, x, y): return super().__new__(cls, (x, y))
    @property
    def x(self): return self[0]
    def __add__(self, o): return T(self[0]+o[0], self[1]+o[1])
t = T(1, 2); print(t, t.x, t + T(3, 4), hash(t) == hash((1,2)), t == (1,2), {t: 1}[(1,2)], *t)
class St(set):
    def add2(self, x): self.add(x); self.add(x+1)
q = St([1]); q.add2(5); print(q, len(q), 6 in q, q | {9} == {1,5,6,9})
class E(Exception):
    def __init__(self, code): super().__init__(f'code {code}'); self.code = code
try: raise E(3)
except E as e: print(e, e.code, repr(e))
class Desc:
    def __set_name__(self, owner, name): self.name = '_' + name
    def __get__(self, obj, t=None): return self if obj is None else getattr(obj, self.name, 'none')
    def __set__(self, obj, v): setattr(obj, self.name, v * 10)
class U:
    f = Desc()
    def __init__(self): pass
u = U(); print(u.f); u.f = 4; print(u.f, u._f)
class Base:
    reg = []
    def __init_subclass__(cls, tag=None, **kw): super().__init_subclass__(**kw); cls.reg.append((cls.__name__, tag))
class K1(Base, tag='one'): pass
class K2(Base): pass
print(Base.reg)
print((5).__add__(3), [1].__len__(), 'a'.__contains__('a'))
class N:
    def __new__(cls, *a): 
        o = super().__new__(cls); o.a = a; return o
print(N(1,2).a)
x, y = t
print(x, y)
class P:
    @property
    def v(self): return self._v
    @v.setter
    def v(self, x): self._v = x
    @v.deleter
    def v(self): print('del'); del self._v
p = P(); p.v = 3; print(p.v); del p.v
try: p.v
except AttributeError as e: print(e)

#: library
from enum import Enum, IntEnum, auto, unique
class Color(Enum):
    RED = 1
    GREEN = auto()
    BLUE = auto()
    CRIMSON = 1
    def hot(self): return self is Color.RED
    @property
    def low(self): return self.name.lower()
print(Color.RED, repr(Color.GREEN), Color.BLUE.value, Color(2), Color['BLUE'], list(Color), len(Color), Color.CRIMSON is Color.RED, Color.RED.hot(), Color.GREEN.low, Color.RED in Color, Color.RED == 1, {Color.RED: 1}[Color(1)], isinstance(Color.RED, Color), type(Color.RED), Color)
try: Color(9)
except ValueError as e: print(e)
try: Color['X']
except KeyError as e: print('KeyError', e)
try: Color.RED = 3
except AttributeError as e: print(e)
try: Color.PURPLE
except AttributeError as e: print(e)
class N(IntEnum):
    A = 1
    B = 2
print(N.A, repr(N.B), N.A + 1, N.B > N.A, [10, 20, 30][N.B], N(1) is N.A, f"{N.A}", sorted([N.B, N.A]), N.A == 1, int(N.B))
class M(str, Enum):
    X = 'x'
    Y = 'y'
print(M.X, M.X == 'x', M('y'), M.X.value, M.X.upper(), repr(M.Y), f"{M.X}")
class Planet(Enum):
    EARTH = (5.97, 6.37)
    MARS = (0.64, 3.39)
    def __init__(self, mass, radius): self.mass, self.radius = mass, radius
print(Planet.EARTH.mass, Planet.MARS.value)
match Color.GREEN:
    case Color.RED: print('r')
    case Color.GREEN: print('g')
from abc import ABC, abstractmethod, ABCMeta
class Shape(ABC):
    @abstractmethod
    def area(self): ...
    @property
    @abstractmethod
    def name(self): ...
    def describe(self): return f"{self.name}: {self.area()}"
try: Shape()
except TypeError as e: print(e)
class Sq(Shape):
    def __init__(self, s): self.s = s
    def area(self): return self.s ** 2
    name = 'sq'
print(Sq(3).describe(), isinstance(Sq(1), Shape))
class Half(Shape):
    def area(self): return 1
try: Half()
except TypeError as e: print(e)
class MC(metaclass=ABCMeta):
    @abstractmethod
    def f(self): pass
try: MC()
except TypeError as e: print(e)
from contextlib import contextmanager, suppress, nullcontext, ExitStack, closing
@contextmanager
def tag(n):
    print('<', n)
    try: yield n * 2
    except KeyError as e: print('swallow', e)
    finally: print('>', n)
with tag('a') as v, nullcontext(5) as w: print(v, w)
with tag('b'): raise KeyError('k')
try:
    with tag('c'): raise ValueError('v')
except ValueError as e: print('out', e)
with suppress(ZeroDivisionError, IndexError): 1/0
print('after')
with ExitStack() as st:
    a = st.enter_context(tag('s1')); b = st.enter_context(tag('s2')); st.callback(print, 'cb'); print(a, b)
@tag('deco')
def f(): print('in f'); return 3
print(f(), f())
import operator, heapq, bisect, string, statistics, textwrap, json, functools, sys, time, warnings
print(operator.itemgetter(1)([1,2]), operator.attrgetter('real')(3), operator.add(1,2), operator.itemgetter(0,2)('abc'), operator.methodcaller('upper')('a'))
h = [5,3,8,1]; heapq.heapify(h); heapq.heappush(h, 0); print(h, [heapq.heappop(h) for _ in range(5)], heapq.nlargest(2, [1,5,2]), heapq.nsmallest(2, [4,2,9]))
l = [1,3,5]; bisect.insort(l, 4); print(l, bisect.bisect(l, 3), bisect.bisect_left(l, 3))
print(string.ascii_lowercase[:3], string.digits, statistics.mean([1,2,3,4]), statistics.stdev([1,2,3,4]), statistics.median([3,1,2]), statistics.mean([1,2,3]))
print(textwrap.dedent("""
   a
     b
   c"""), textwrap.fill('aaa bbb ccc ddd', 8), textwrap.indent('x\ny', '> '))
print(json.dumps({'a': [1, 2.5, None, True, "q\"\n\u00e9"], 'b': {}, 3: ()}), json.loads('{"a": [1, -2.5e3, null, true, "x\\u0041\\n"], "b": {}}'))
print(json.dumps({'b': [1, {'c': 2}], 'a': []}, indent=2, sort_keys=True))
for bad in ['{', '[1,]', '{"a" 1}', 'nul', '"abc', '[1] 2', '']:
    try: json.loads(bad)
    except json.JSONDecodeError as e: print(e)
try: json.dumps({1, 2})
except TypeError as e: print(e)
@functools.total_ordering
class V:
    def __init__(self, v): self.v = v
    def __eq__(self, o): return self.v == o.v
    def __lt__(self, o): return self.v < o.v
print(V(1) <= V(2), V(2) > V(1), V(1) >= V(1))
class Cp:
    n = 0
    @functools.cached_property
    def val(self): self.n += 1; return self.n
c = Cp(); print(c.val, c.val)
@functools.singledispatch
def show(x): return 'obj'
@show.register(int)
def _(x): return 'int'
@show.register(list)
def _(x): return 'list'
print(show(1), show([]), show('a'))
sys.stdout.write('w\n'); print('x', file=sys.stdout)
def loc(a, b=2):
    c = a + b
    return locals()
print(loc(1), 'Color' in globals(), globals()['c'] is c, vars(Sq(4)))
warnings.warn('x')
if __name__ == '__main__': print('main')
def inner():
    try:
        try: 1/0
        except ZeroDivisionError as e: raise ValueError('bad') from e
    except ValueError as e: print(repr(e.__cause__), e.__context__ is e.__cause__, e.__suppress_context__)
inner()

#: named tuples and typing
from collections import namedtuple, OrderedDict, defaultdict, Counter
from typing import NamedTuple, Protocol, Generic, TypeVar, TypedDict, Optional
from dataclasses import dataclass
P = namedtuple('P', 'x y')
class Q(P):
    __slots__ = ()
    @property
    def norm(self): return self.x + self.y
    def __add__(self, o): return Q(self.x + o.x, self.y + o.y)
q = Q(1, y=2)
print(q, q.norm, q + q, q[0], q._replace(x=9), P._make([4, 5]), q._asdict(), Q._fields, q == (1, 2), isinstance(q, tuple), len(q))
class R(NamedTuple):
    """doc"""
    a: int
    b: str = 'z'
    c: Optional[int] = None
    def hi(self): return f"hi {self.a}"
r = R(1); print(r, r.hi(), r.b, R(2, c=0), R._field_defaults, {**r._asdict()})
match r:
    case R(a, b): print('m', a, b)
for f in (lambda: R(), lambda: P(1), lambda: P(1, 2, 3), lambda: P(1, z=2), lambda: R(1, a=2), lambda: q._replace(zz=1)):
    try: f()
    except (TypeError, ValueError) as e: print(type(e).__name__, e)
T = TypeVar('T')
class St(Generic[T]):
    def __init__(self): self.items: list[T] = []
    def push(self, x: T) -> None: self.items.append(x)
s = St[int](); s.push(1); print(s.items)
class Has(Protocol):
    def f(self) -> int: ...
class H(Has):
    def f(self): return 3
print(H().f())
class TD(TypedDict):
    k: int
print(TD(k=1))
class LRU(OrderedDict):
    def __init__(self, n): super().__init__(); self.n = n
    def __setitem__(self, k, v):
        super().__setitem__(k, v); self.move_to_end(k)
        if len(self) > self.n: self.popitem(last=False)
l = LRU(2); l['a'] = 1; l['b'] = 2; l['c'] = 3; print(list(l.items()), len(l))
class DD(defaultdict): pass
d = DD(list); d['x'].append(1); print(dict(d))
class C2(Counter):
    def top(self): return self.most_common(1)[0]
print(C2('abca').top())
@dataclass
class Pt:
    x: int
    y: int = 0
match Pt(3):
    case Pt(x, 0): print('pt', x)
a, b = q
print(a, b, *q)
def gen_kw(a, /, b, *args, c, d=4, **kw): return (a, b, args, c, d, kw)
print(gen_kw(1, 2, 3, c=5, e=6))
try: gen_kw(a=1, b=2, c=3)
except TypeError as e: print(e)

#: os
import os, os.path
print(os.path.join('a', 'b'), os.path.basename('/x/y.t'), os.path.dirname('/x/y'), os.path.splitext('a/b.txt'), os.environ.get('ZZ'))
from collections import OrderedDict
d = OrderedDict(a=1, b=2); print(d.popitem(last=False), d)

#: match: no case
match 5:
    case 6: print('six')
print('on')
#: match: guard fails then next
for n in range(4):
    match n:
        case x if x > 2: print('big', x)
        case x if x == 1: print('one')
        case x: print('other', x)
#: match: capture stays
match [1, [2, 3]]:
    case [a, [b, c]]: pass
print(a, b, c)
#: match: bool is not int pattern by identity
for v in (True, 1, False, 0, None, 'None'):
    match v:
        case True: print('T')
        case 1: print('1')
        case None: print('N')
        case False | 0: print('F0')
        case _: print('_')
#: match: mapping of mapping
match {'a': {'b': [1, 2]}, 'c': 3}:
    case {'a': {'b': [first, *_]}, **rest}: print(first, rest)
#: match: command parser
def run(line):
    match line.split():
        case []: return 'nothing'
        case ['quit' | 'exit']: return 'bye'
        case ['move', ('x' | 'y') as axis, n]: return f'{axis}:{int(n)}'
        case [cmd, *args]: return f'{cmd}({args})'
for line in ('', 'exit', 'move x 3', 'say a b'): print(run(line))
#: match: class with properties
class V:
    def __init__(self, x): self._x = x
    @property
    def x(self): return self._x
match V(3):
    case V(x=3 as found): print('found', found)
#: match: float and negative
match -2.5:
    case 2.5: print('no')
    case -2.5: print('yes')
#: match: tuple subject
x, y = 1, 0
match x, y:
    case 0, _: print('x0')
    case _, 0: print('y0')
#: match: error in a guard
match 1:
    case x if x / 0: pass
#: match: error in the subject
match undefined_name:
    case _: pass
#: match: not a class
match 1:
    case print(): pass
#: match: match args of the wrong type
class A: __match_args__ = ['x']
match A():
    case A(1): pass
#: match: too many for a dict
match {}:
    case dict(a, b): pass
#: match syntax: unreachable
match 1:
    case _: pass
    case 2: pass
#: match syntax: capture unreachable
match 1:
    case x: pass
    case 2: pass
#: match syntax: different names
match 1:
    case [a] | [b]: pass
#: match syntax: twice
match 1:
    case [a, a]: pass
#: match syntax: stars
match 1:
    case [*a, *b]: pass
#: match syntax: no block
match 1:
print(1)
#: match syntax: as underscore
match 1:
    case 1 as _: pass
#: match syntax: keywords first
match 1:
    case A(x=1, 2): pass
#: generator: send and accumulate
def average():
    total, count, value = 0.0, 0, None
    while True:
        total += (value := (yield total / count if count else None)) or 0
        count += 1
g = average()
next(g)
for v in (10, 20, 30): print(g.send(v))
#: generator: return value through yield from
def inner():
    yield 1
    return 'done'
def outer():
    print((yield from inner()))
    yield 2
print(list(outer()))
#: generator: yield as an argument
def g():
    print(max((yield 'a'), (yield 'b')))
it = g()
next(it); it.send(3)
try: it.send(9)
except StopIteration as e: print('end', e.value)
#: generator: throw with class and value
def g():
    while True:
        try: yield
        except ValueError as e: print('caught', e)
it = g()
next(it)
it.throw(ValueError, 'one')
it.throw(ValueError('two'))
it.throw(KeyError, 'three')
#: generator: finally runs at close
def g():
    try:
        yield 1
    finally:
        print('closed')
it = g(); next(it); it.close()
print(list(it))
#: generator: already running
def g():
    next(it)
    yield
it = g()
next(it)
#: generator: lambda
f = lambda n: [(yield i) for i in ()] or (yield n)
print(list(f(3))) if False else print('skipped')
#: deriving: int that counts
class Steps(int):
    def __add__(self, other): return Steps(int(self) + int(other))
    def __repr__(self): return f'Steps({int(self)})'
print([Steps(1) + 2, Steps(3) * 2], sum([Steps(1), Steps(2)], Steps(0)), Steps('12'), f'{Steps(7):>4}|')
#: deriving: str with a check
class Name(str):
    def __new__(cls, text):
        if not text.isidentifier(): raise ValueError(f'bad name {text!r}')
        return super().__new__(cls, text)
n = Name('abc')
print(n.upper(), n + '!', n[0], {n: 1}['abc'], n == 'abc')
Name('a b')
#: deriving: dict with attributes
class Config(dict):
    def __getattr__(self, name):
        try: return self[name]
        except KeyError: raise AttributeError(f'no setting {name!r}') from None
    def __setattr__(self, name, value): self[name] = value
c = Config(lr=0.1)
c.epochs = 3
print(c, c.lr, c.epochs, 'lr' in c, list(c), {**c})
c.missing
#: deriving: list with len and iteration of its own
class Twice(list):
    def __iter__(self): return (2 * x for x in super().__iter__())
    def __len__(self): return 99
t = Twice([1, 2])
print(list(t), [x for x in t], len(t), sum(t), t, t[0])
#: deriving: set
class Tags(set):
    def __repr__(self): return 'Tags(' + ', '.join(sorted(self)) + ')'
t = Tags(['b', 'a'])
t.add('c')
print(t, 'a' in t, len(t), t >= {'a'})
#: deriving: tuple hash
class Point(tuple):
    def __new__(cls, *xs): return tuple.__new__(cls, xs)
    def __sub__(self, o): return Point(*[a - b for a, b in zip(self, o)])
print(Point(3, 4) - Point(1, 1), {Point(1): 'p'}[(1,)])
#: deriving: float
class Celsius(float):
    @property
    def f(self): return self * 9 / 5 + 32
print(Celsius(100).f, Celsius(1) + 1, round(Celsius(2.567), 1), str(Celsius(0.5)))
#: deriving: exceptions with fields
class HTTPError(Exception):
    def __init__(self, status, *args):
        self.status = status
        super().__init__(*args)
    def __str__(self): return f'{self.status}: ' + ' '.join(self.args)
raise HTTPError(404, 'not', 'found')
#: deriving: not bool
class B(bool): pass
#: abc: cannot instantiate
from abc import ABC, abstractmethod
class A(ABC):
    @abstractmethod
    def b(self): pass
    @abstractmethod
    def a(self): pass
A()
#: enum: unknown value
from enum import Enum
class E(Enum):
    A = 1
E(2)
#: enum: no new members
from enum import Enum
class E(Enum):
    A = 1
class F(E):
    B = 2
#: enum: unique
from enum import Enum, unique
@unique
class E(Enum):
    A = 1
    B = 1
#: contextmanager: does not yield
from contextlib import contextmanager
@contextmanager
def nothing():
    if False: yield
with nothing(): pass
#: contextmanager: yields twice
from contextlib import contextmanager
@contextmanager
def twice():
    yield
    yield
with twice(): pass
#: raise from
try:
    try: {}['k']
    except KeyError as e: raise RuntimeError('wrapped') from e
except RuntimeError as e:
    print(repr(e.__cause__), e.__suppress_context__)
raise ValueError('x') from None
#: locals in a comprehension-free function
def f(a, *args, k=1, **kw):
    b = a
    return sorted(locals().items())
print(f(1, 2, k=3, z=4))
#: globals
a = 1
def f(): return globals()['a']
print(f(), 'nothing' in globals(), '__name__' in globals())
#: descriptors
class Positive:
    def __set_name__(self, owner, name): self.key = '_' + name
    def __get__(self, obj, owner): return self if obj is None else getattr(obj, self.key)
    def __set__(self, obj, value):
        if value <= 0: raise ValueError(f'{self.key[1:]} must be positive')
        setattr(obj, self.key, value)
class Item:
    price = Positive()
    def __init__(self, price): self.price = price
print(Item(3).price)
Item(-1)
#: init_subclass refuses
class A: pass
class B(A, key=1): pass
#: json: errors
import json
json.loads('{"a": [1, 2,, 3]}')
#: named tuple: missing
from typing import NamedTuple
class P(NamedTuple):
    x: int
    y: int
P(1)
#: heap of tuples
import heapq
h = []
for item in ((3, 'c'), (1, 'a'), (2, 'b')): heapq.heappush(h, item)
print(heapq.heappop(h), h, heapq.heappushpop(h, (0, 'z')), heapq.heapreplace(h, (9, 'y')), h)
#: statistics of nothing
import statistics
statistics.mean([])
#: f-strings within each other
w, p, name = 10, 3, 'x'
print(f'{3.14159:{w}.{p}f}|{name!r:>{w}}|{w=}|{w + p = :05d}|{f"{name}{w:>{p + 2}}"}|{{}}')
#: dict merge and star displays
a, b = {'x': 1}, {'y': 2}
print(a | b, {**a, 'z': 0, **b}, [*a, *b], (*range(3), 9), {*'aa', 'b'} == {'a', 'b'})
a |= {'x': 5}
print(a)
#: keyword only and positional only
def f(a, b=2, /, c=3, *, d, e=5): return a, b, c, d, e
print(f(1, d=4), f(1, 2, 3, d=4, e=6))
f(1, b=3, d=4)
