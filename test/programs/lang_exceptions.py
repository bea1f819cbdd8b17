# try, except, else, finally, raise.
import torch


class DivergedError(Exception):
    pass


def check(loss):
    if loss > 1e3:
        raise DivergedError(f"loss is {loss:.1f}")
    return loss


w = torch.tensor(3.0)
try:
    for step in range(10):
        w = w * 3
        check(w.item())
except DivergedError as error:
    print("stopped at", step, "-", error)
else:
    print("fine")
finally:
    print("finally")
try:
    [1, 2][5]
except (KeyError, IndexError) as error:
    print(type(error).__name__, error)
try:
    int("x")
except ValueError as error:
    print(error)
try:
    undefined_name
except NameError as error:
    print(error)
try:
    1 / 0
except ZeroDivisionError as error:
    print(error)
try:
    raise ValueError("first") from None
except Exception as error:
    print(repr(error), error.args)
assert 1 + 1 == 2, "arithmetic"
try:
    assert w < 0, "w must be negative"
except AssertionError as error:
    print("AssertionError:", error)
