# A two-layer network with gradients by hand, checked against autograd.
import torch

torch.manual_seed(3)
x, y = torch.randn(8, 4), torch.randn(8, 2)
w1 = torch.randn(4, 5, requires_grad=True)
w2 = torch.randn(5, 2, requires_grad=True)
for t in range(5):
    h = x @ w1
    h_relu = h.clamp(min=0)
    y_pred = h_relu @ w2
    loss = (y_pred - y).pow(2).sum()
    loss.backward()
    with torch.no_grad():
        grad_y = 2.0 * (y_pred - y)
        grad_w2 = h_relu.t() @ grad_y
        grad_h = (grad_y @ w2.t()).clone()
        grad_h[h < 0] = 0
        grad_w1 = x.t() @ grad_h
        print(t, f"{loss.item():.3f}", torch.allclose(grad_w1, w1.grad, atol=1e-4), torch.allclose(grad_w2, w2.grad, atol=1e-4))
        w1 -= 1e-3 * w1.grad
        w2 -= 1e-3 * w2.grad
        w1.grad.zero_()
        w2.grad.zero_()
