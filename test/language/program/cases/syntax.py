#: missing colon
if True
    pass
#: missing block
if True:
x = 1
#: unexpected indent
x = 1
  y = 2
#: dedent that fits nothing
if True:
    x = 1
  y = 2
#: bracket not closed
x = (1, 2
y = 3
#: bracket not opened
x = 1)
#: wrong bracket
x = (1]
#: string not closed
x = "abc
#: triple string not closed
x = """abc
def
#: assign to literal
1 = x
#: assign to call
f() = 1
#: assign to expression
a + 1 = 2
#: assign to None
None = 1
#: augmented tuple
a, b += 1
#: keyword as name
class = 3
#: positional after keyword
f(a=1, 2)
#: repeated keyword
f(a=1, a=2)
#: parameter without default
def f(a=1, b): pass
#: duplicate parameter
def f(a, a): pass
#: return outside
return 3
#: yield outside
yield 3
#: break outside
break
#: continue outside
x = 1
continue
#: break in a function in a loop
for i in []:
    def f():
        break
#: nonlocal at module level
nonlocal x
#: nonlocal without binding
def f():
    nonlocal zz
#: global after use
def f():
    print(x)
    global x
#: parameter and global
def f(x):
    global x
#: two stars
*a, *b = 1, 2
#: lone star
*a = [1]
#: bad number
x = 1abc
#: leading zero
x = 0123
#: bad hex
x = 0xg
#: bad character
x = 3 ? 4
#: invalid character
x = “a”
#: print statement
print "hello"
#: if with assignment
if x = 3:
    pass
#: else without if
else:
    pass
#: try without except
try:
    pass
x = 1
#: default except not last
try:
    pass
except:
    pass
except ValueError:
    pass
#: f-string empty
f"{}"
#: f-string single brace
f"}"
#: delete a call
del f()
#: lambda with statement
lambda: return 1
#: for without in
for x: pass
#: missing comma
x = [1 2]
#: expected else
x = 1 if 2
#: star alone
print(*)
#: generator must be parenthesized
f(x for x in y, 1)
#: dict without value
{1: 2, 3}
#: import star in function
def f():
    from math import *
#: double not
x = not not True
print(x)
#: bare star parameter
def f(*): pass
#: default order in lambda
lambda a=1, b: 0
#: line continuation
x = 1 \ 2
#: empty file
#: only comments
# nothing
#: walrus at top level
x := 3
#: decorator on nothing
@f
x = 1
#: bytes literal prefix order
x = rb
print(1)
