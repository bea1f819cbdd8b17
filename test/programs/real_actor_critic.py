from collections import namedtuple
import torch
import torch.nn as nn
import torch.nn.functional as F

SavedAction = namedtuple('SavedAction', ['log_prob', 'value'])
torch.manual_seed(0)


class ActorCritic(nn.Module):
    def __init__(self):
        super().__init__()
        self.affine = nn.Linear(2, 12)
        self.action_head = nn.Linear(12, 3)
        self.value_head = nn.Linear(12, 1)
        self.saved_actions = []
        self.rewards = []

    def forward(self, x):
        x = F.relu(self.affine(x))
        action_prob = F.softmax(self.action_head(x), dim=-1)
        state_values = self.value_head(x)
        return action_prob, state_values


model = ActorCritic()
optimizer = torch.optim.Adam(model.parameters(), lr=3e-2)


def step(state, action):
    x, v = state
    v = 0.9 * v + 0.1 * (action - 1)
    x = x + v
    return (x, v), -x * x


for episode in range(6):
    state = (0.8, 0.0)
    for t in range(12):
        probs, value = model(torch.tensor(state))
        action = torch.multinomial(probs, 1).item()
        model.saved_actions.append(SavedAction(torch.log(probs[action]), value))
        state, reward = step(state, action)
        model.rewards.append(reward)
    R, returns = 0., []
    for r in reversed(model.rewards):
        R = r + 0.95 * R
        returns.insert(0, R)
    returns = torch.tensor(returns)
    policy_losses, value_losses = [], []
    for (log_prob, value), R in zip(model.saved_actions, returns):
        advantage = R - value.item()
        policy_losses.append(-log_prob * advantage)
        value_losses.append(F.smooth_l1_loss(value, torch.tensor([R])))
    optimizer.zero_grad()
    loss = torch.stack(policy_losses).sum() + torch.stack(value_losses).sum()
    loss.backward()
    grad_norm = nn.utils.clip_grad_norm_(model.parameters(), max_norm=1.0)
    optimizer.step()
    print(f"episode {episode} return {sum(model.rewards):.3f} loss {loss.item():.3f} |g| {grad_norm:.3f}")
    model.rewards.clear()
    model.saved_actions.clear()
print(model.saved_actions, SavedAction(1, 2))
