import torch

# y = 3x + 2 with noise, four ways
torch.manual_seed(42)
x = torch.rand(50, 1) * 10
y = 3 * x + 2 + torch.randn(50, 1)

# 1. normal equations
A = torch.hstack([x, torch.ones_like(x)])
theta = torch.linalg.inv(A.T @ A) @ A.T @ y
print(theta.squeeze())
# 2. lstsq
print(torch.linalg.lstsq(A, y).solution.flatten())
# 3. gradient descent by hand
w = torch.zeros(1, requires_grad=True)
b = torch.zeros(1, requires_grad=True)
for epoch in range(200):
    loss = ((x * w + b - y) ** 2).mean()
    loss.backward()
    with torch.no_grad():
        for p in (w, b):
            p -= 0.02 * p.grad
            p.grad.zero_()
    if epoch % 50 == 0:
        print(f"epoch {epoch:3d}: w = {w.item():.3f}, b = {b.item():.3f}, loss = {loss:.4f}")
# 4. nn.Linear
model = torch.nn.Linear(1, 1)
opt = torch.optim.Adam(model.parameters(), lr=0.3)
for _ in range(150):
    opt.zero_grad()
    torch.nn.functional.mse_loss(model(x), y).backward()
    opt.step()
[w_], [b_] = model.parameters()
print(f"{w_.item():.2f} {b_.item():.2f}")
ss_res = ((y - model(x)) ** 2).sum()
ss_tot = ((y - y.mean()) ** 2).sum()
print(f"R^2 = {(1 - ss_res / ss_tot).item():.3f}")
print(torch.corrcoef(torch.cat([x, y], 1).T)[0, 1] > 0.98)
