# The graph walked by hand along next_functions.
import torch

w = torch.tensor([1.], requires_grad=True)
x = torch.tensor([2.], requires_grad=True)
y = (w + x) * (w + 1)
print(y.grad_fn)
print(y.grad_fn.name())
for fn, index in y.grad_fn.next_functions:
    print(fn, index)
    for inner, i in fn.next_functions:
        print("   ", inner, i)
first = y.grad_fn.next_functions[0][0]
print(type(first).__name__)
accumulate = first.next_functions[0][0]
print(accumulate.variable is w)
