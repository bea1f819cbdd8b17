# Lotka-Volterra by Euler steps, with sensitivities.
# record: params.grad
import torch

params = torch.tensor([1.1, 0.4, 0.1, 0.4], dtype=torch.float64, requires_grad=True)


def field(state, p):
    prey, hunters = state
    return torch.stack([p[0] * prey - p[1] * prey * hunters, p[2] * prey * hunters - p[3] * hunters])


state = torch.tensor([10.0, 5.0], dtype=torch.float64)
for step in range(100):
    state = state + 0.01 * field(state, params)
    if (step + 1) % 25 == 0:
        print(step + 1, state.detach())
state[0].backward()
print(params.grad)
