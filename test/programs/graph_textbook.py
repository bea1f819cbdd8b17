# y = (w + x) * (w + 1): the computation graph of the textbook.
# record: w.grad, x.grad, y
import torch

w = torch.tensor([1.], requires_grad=True)
x = torch.tensor([2.], requires_grad=True)

a = torch.add(w, x)
b = torch.add(w, 1)
y = torch.mul(a, b)

y.backward()
print(w.grad)

# which of them are leaves
print("is_leaf:\n", w.is_leaf, x.is_leaf, a.is_leaf, b.is_leaf, y.is_leaf)

# only leaves keep their gradients
print("gradient:\n", w.grad, x.grad, a.grad, b.grad, y.grad)

# how each of them came about
print("grad_fn:\n", w.grad_fn, x.grad_fn, a.grad_fn, b.grad_fn, y.grad_fn)
