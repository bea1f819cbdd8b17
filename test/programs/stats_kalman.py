# A Kalman filter; the noise is fitted through its likelihood.
# record: log_r
import torch

observations = torch.tensor([1.1, 1.9, 3.2, 3.9, 5.1, 6.2, 6.8, 8.1], dtype=torch.float64)
log_r = torch.tensor(0.0, dtype=torch.float64, requires_grad=True)


def likelihood(log_r):
    A = torch.tensor([[1., 1.], [0., 1.]], dtype=torch.float64)
    H = torch.tensor([[1., 0.]], dtype=torch.float64)
    Q = 0.01 * torch.eye(2, dtype=torch.float64)
    x = torch.zeros(2, 1, dtype=torch.float64)
    P = 10 * torch.eye(2, dtype=torch.float64)
    total = 0
    for z in observations:
        x, P = A @ x, A @ P @ A.T + Q
        S = H @ P @ H.T + torch.exp(log_r)
        innovation = z - H @ x
        K = P @ H.T / S
        x, P = x + K * innovation, P - K @ H @ P
        total = total + 0.5 * (torch.log(S) + innovation ** 2 / S).sum()
    return total, x


for step in range(31):
    loss, x = likelihood(log_r)
    (g,) = torch.autograd.grad(loss, log_r)
    with torch.no_grad():
        log_r -= 0.2 * g
    if step % 10 == 0:
        print(f"{step} loss {loss.item():.5f} r {torch.exp(log_r).item():.5f}")
print(x.detach().flatten())
