"""Ground state of the harmonic oscillator by minimising the energy."""
import torch

torch.set_default_dtype(torch.float64)
x = torch.linspace(-6, 6, 241)
dx = (x[1] - x[0]).item()
psi = torch.exp(-((x - 0.7) ** 2)).clone().detach().requires_grad_(True)


def energy(psi, V):
    norm = torch.trapezoid(psi ** 2, x)
    d = torch.gradient(psi, spacing=dx)[0]
    kinetic = 0.5 * torch.trapezoid(d ** 2, x)
    potential = torch.trapezoid(V * psi ** 2, x)
    return (kinetic + potential) / norm


V = 0.5 * x ** 2
E0 = energy(psi, V)
print(f"start {E0.item():.6f}")
alpha = torch.tensor(0.3, requires_grad=True)
shift = torch.tensor(1.0, requires_grad=True)
opt = torch.optim.Adam([alpha, shift], lr=0.1)
for i in range(60):
    opt.zero_grad()
    E = energy(torch.exp(-alpha * (x - shift) ** 2), V)
    E.backward()
    opt.step()
    if i % 20 == 19:
        print(f"{i + 1:3d}  E = {E.item():.4f}  alpha = {alpha.item():.3f} shift = {shift.item():+.3f}")
# Verlet with forces from autograd: energy is conserved
def potential(r):
    i, j = torch.triu_indices(len(r), len(r), offset=1)
    d = (r[i] - r[j]).norm(dim=-1)
    inv6 = d.pow(-6)
    return (4 * (inv6 ** 2 - inv6)).sum()


r = torch.tensor([[0., 0., 0.], [1.2, 0., 0.], [0., 1.2, 0.], [0., 0., 1.2]])
v = torch.zeros_like(r)


def force(r):
    r = r.detach().requires_grad_()
    U = potential(r)
    return -torch.autograd.grad(U, r)[0], U.item()


f, U = force(r)
start = U
dt = 0.002
for step in range(100):
    v = v + 0.5 * dt * f
    r = r + dt * v
    f, U = force(r)
    v = v + 0.5 * dt * f
kinetic = 0.5 * (v ** 2).sum().item()
print(f"{start:.5f} {U + kinetic:.4f} {abs(U + kinetic - start) < 1e-3}")
print(f.sum(0).abs().max() < 1e-9, torch.linalg.vector_norm(torch.cross(r, v, dim=-1).sum(0)) < 1e-10)
