import torch


def adam(param, grad, mean, square, step, lr=0.01, betas=(0.9, 0.999), eps=1e-08):
    mean.lerp_(grad, 1 - betas[0])
    square.mul_(betas[1]).addcmul_(grad, grad, value=1 - betas[1])
    step_size = lr / (1 - betas[0] ** step)
    denom = (square.sqrt() / (1 - betas[1] ** step) ** 0.5).add_(eps)
    param.addcdiv_(mean, denom, value=-step_size)


def momentum(param, grad, buffer, step, lr=0.01, rate=0.9, dampening=0.1):
    if step == 1:
        buffer.copy_(grad)
    else:
        buffer.mul_(rate).add_(grad, alpha=1 - dampening)
    param.add_(buffer, alpha=-lr)


# Every number of an optimizer is that of the operations it is made of, however many elements there are.
for dtype in (torch.float32, torch.float64):
    for size in ((), (7,), (33, 31), (1, 2051), (3, 1024)):
        torch.manual_seed(3)
        start = torch.randn(size, dtype=dtype)
        a = start.clone().requires_grad_()
        b = start.clone().requires_grad_()
        by_adam = torch.optim.Adam([a], lr=0.01)
        by_sgd = torch.optim.SGD([b], lr=0.01, momentum=0.9, dampening=0.1)
        x, mean, square = start.clone(), torch.zeros_like(start), torch.zeros_like(start)
        y, buffer = start.clone(), torch.zeros_like(start)
        for step in range(1, 5):
            grad = torch.randn(size, dtype=dtype)
            a.grad, b.grad = grad.clone(), grad.clone()
            by_adam.step()
            by_sgd.step()
            adam(x, grad, mean, square, float(step))
            momentum(y, grad, buffer, step)
        state = by_adam.state[a]
        print(
            dtype, size, torch.equal(a, x), torch.equal(b, y), torch.equal(state['exp_avg'], mean),
            torch.equal(state['exp_avg_sq'], square), torch.equal(by_sgd.state[b]['momentum_buffer'], buffer),
        )
        print(a._version, b._version, state['exp_avg']._version, state['exp_avg_sq']._version, state['step'].item())

# What is not row-major, is a view of something larger or shares its memory, goes the long way to the same place.
torch.manual_seed(4)
turned = torch.randn(4, 3).t().detach().requires_grad_()
shared = torch.randn(5)
for param, grad in ((turned, torch.randn(3, 4)), (shared, shared.view(5))):
    param.grad = grad
    optimizer = torch.optim.SGD([param], lr=0.1, momentum=0.5)
    for _ in range(3):
        optimizer.step()
    print(param.detach())

# A step is a change that a backward pass notices.
w = torch.tensor([1.0, 2.0], requires_grad=True)
optimizer = torch.optim.Adam([w], lr=0.1)
loss = (w**2).sum()
loss.backward(retain_graph=True)
optimizer.step()
try:
    loss.backward()
except RuntimeError as error:
    print(str(error).split(';')[0])
