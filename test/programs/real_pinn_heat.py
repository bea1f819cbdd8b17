import torch
import torch.nn as nn

torch.manual_seed(123)
torch.set_default_dtype(torch.float64)
alpha = 0.1


class PINN(nn.Module):
    def __init__(self, layers):
        super().__init__()
        self.activation = nn.Tanh()
        self.linears = nn.ModuleList([nn.Linear(layers[i], layers[i + 1]) for i in range(len(layers) - 1)])
        for i in range(len(layers) - 1):
            nn.init.xavier_normal_(self.linears[i].weight.data, gain=1.0)
            nn.init.zeros_(self.linears[i].bias.data)

    def forward(self, x, t):
        a = torch.cat([x, t], dim=1)
        for i in range(len(self.linears) - 1):
            a = self.activation(self.linears[i](a))
        return self.linears[-1](a)


def pde_residual(model, x, t):
    u = model(x, t)
    u_x = torch.autograd.grad(u, x, grad_outputs=torch.ones_like(u), retain_graph=True, create_graph=True)[0]
    u_t = torch.autograd.grad(u, t, grad_outputs=torch.ones_like(u), retain_graph=True, create_graph=True)[0]
    u_xx = torch.autograd.grad(u_x, x, grad_outputs=torch.ones_like(u_x), retain_graph=True, create_graph=True)[0]
    return u_t - alpha * u_xx


model = PINN([2, 12, 12, 1])
x_f = torch.rand(64, 1, requires_grad=True)
t_f = torch.rand(64, 1, requires_grad=True)
x_ic = torch.linspace(0, 1, 20).unsqueeze(1)
t_ic = torch.zeros_like(x_ic)
u_ic = torch.sin(torch.pi * x_ic)
t_bc = torch.linspace(0, 1, 20).view(-1, 1)
optimizer = torch.optim.Adam(model.parameters(), lr=1e-2)
mse = nn.MSELoss()
for epoch in range(41):
    optimizer.zero_grad()
    f = pde_residual(model, x_f, t_f)
    loss_pde = mse(f, torch.zeros_like(f))
    loss_ic = mse(model(x_ic, t_ic), u_ic)
    loss_bc = sum(torch.mean(model(torch.full_like(t_bc, v), t_bc) ** 2) for v in (0., 1.))
    loss = loss_pde + loss_ic + loss_bc
    loss.backward()
    optimizer.step()
    if epoch % 20 == 0:
        print(f"Epoch {epoch}: loss={loss.item():.6f} pde={loss_pde.item():.6f} ic={loss_ic:.6f} bc={loss_bc:.6f}")
x = torch.tensor([[0.5]])
exact = torch.exp(-alpha * torch.pi ** 2 * torch.tensor(0.5)) * torch.sin(torch.pi * x)
print(exact)
print(model(x, torch.tensor([[0.5]])).dtype)
