# REINFORCE on a bandit with three arms.
import torch

torch.manual_seed(23)
rewards = torch.tensor([0.2, 0.5, 1.0])
logits = torch.zeros(3, requires_grad=True)
optimizer = torch.optim.SGD([logits], lr=0.5)
baseline = 0.0
for step in range(100):
    probs = torch.softmax(logits, dim=0)
    action = torch.multinomial(probs.detach(), 1).item()
    reward = rewards[action].item()
    loss = -torch.log(probs[action]) * (reward - baseline)
    baseline = 0.9 * baseline + 0.1 * reward
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    if step % 25 == 0:
        print(step, action, torch.softmax(logits, 0).detach())
print(torch.softmax(logits, 0).argmax().item())
