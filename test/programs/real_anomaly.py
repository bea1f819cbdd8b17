import torch

with torch.autograd.detect_anomaly():
    x = torch.tensor([0.0, 1.0], requires_grad=True)
    y = torch.sqrt(x)
    z = (y * torch.tensor([0.0, 1.0])).sum()
    try:
        z.backward()
    except RuntimeError as e:
        print(e)

x = torch.tensor([0.0, 1.0], requires_grad=True)
z = (torch.sqrt(x) * torch.tensor([0.0, 1.0])).sum()
z.backward()
print(x.grad, torch.isnan(x.grad).any())

# the where trap
x = torch.tensor([0., 4.], requires_grad=True)
y = torch.where(x > 0, torch.log(x), torch.zeros_like(x))
y.sum().backward()
print(y, x.grad)
x.grad = None
safe = torch.where(x > 0, x, torch.ones_like(x))
y = torch.where(x > 0, torch.log(safe), torch.zeros_like(x))
y.sum().backward()
print(x.grad)


class BadFunc(torch.autograd.Function):
    @staticmethod
    def forward(ctx, inp):
        return inp.clone()

    @staticmethod
    def backward(ctx, gO):
        raise RuntimeError("Some error in backward")


def run_fn(a):
    out = BadFunc.apply(a)
    return out.sum()


try:
    run_fn(torch.rand(3, requires_grad=True)).backward()
except RuntimeError as e:
    print('caught:', e)
with torch.autograd.set_detect_anomaly(True):
    print(torch.is_anomaly_enabled())
print(torch.is_anomaly_enabled())
a = torch.tensor(-1., requires_grad=True)
print(torch.isfinite(torch.log(a)), torch.nan_to_num(torch.log(a), nan=7.))
print(torch.tensor([1., float('nan'), float('inf'), -float('inf')]).isfinite())
