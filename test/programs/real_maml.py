import math
import torch
import torch.nn.functional as F

torch.manual_seed(0)


def net(x, params):
    x = F.linear(x, params[0], params[1])
    x = F.relu(x)
    x = F.linear(x, params[2], params[3])
    return x


params = [
    torch.Tensor(16, 1).uniform_(-1., 1.).requires_grad_(),
    torch.Tensor(16).zero_().requires_grad_(),
    torch.Tensor(1, 16).uniform_(-1. / math.sqrt(16), 1. / math.sqrt(16)).requires_grad_(),
    torch.Tensor(1).zero_().requires_grad_(),
]
opt = torch.optim.SGD(params, lr=1e-2)
n_inner_loop = 3
alpha = 3e-2
for it in range(12):
    b = 0 if torch.rand(1).item() < 0.5 else math.pi
    x = torch.rand(4, 1) * 4 * math.pi - 2 * math.pi
    y = torch.sin(x + b)
    v_x = torch.rand(4, 1) * 4 * math.pi - 2 * math.pi
    v_y = torch.sin(v_x + b)
    opt.zero_grad()
    new_params = params
    for k in range(n_inner_loop):
        f = net(x, new_params)
        loss = F.l1_loss(f, y)
        grads = torch.autograd.grad(loss, new_params, create_graph=True)
        new_params = [(new_params[i] - alpha * grads[i]) for i in range(len(params))]
        if it % 6 == 0:
            print('Iteration %d -- Inner loop %d -- Loss: %.4f' % (it, k, loss.item()))
    v_f = net(v_x, new_params)
    loss2 = F.l1_loss(v_f, v_y)
    loss2.backward()
    opt.step()
    if it % 6 == 0:
        print('Iteration %d -- Outer Loss: %.4f' % (it, loss2.item()))
print([tuple(p.shape) for p in params], [f"{p.grad.abs().sum():.3f}" for p in params])
