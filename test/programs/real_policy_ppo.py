import torch
import torch.nn as nn

torch.manual_seed(0)


def layer_init(layer, std=2 ** 0.5, bias_const=0.0):
    torch.nn.init.orthogonal_(layer.weight, std)
    torch.nn.init.constant_(layer.bias, bias_const)
    return layer


class Agent(nn.Module):
    def __init__(self):
        super().__init__()
        self.critic = nn.Sequential(layer_init(nn.Linear(3, 16)), nn.Tanh(), layer_init(nn.Linear(16, 1), std=1.0))
        self.actor = nn.Sequential(layer_init(nn.Linear(3, 16)), nn.Tanh(), layer_init(nn.Linear(16, 2), std=0.01))

    def get_action_and_value(self, x, action=None):
        logits = self.actor(x)
        logp = logits.log_softmax(-1)
        if action is None:
            action = torch.multinomial(logp.exp(), 1).squeeze(-1)
        entropy = -(logp * logp.exp()).sum(-1)
        return action, logp.gather(-1, action.unsqueeze(-1)).squeeze(-1), entropy, self.critic(x).flatten()


agent = Agent()
w = agent.actor[0].weight
print(torch.allclose(w.T @ w, 2 * torch.eye(3), atol=1e-5))
optimizer = torch.optim.Adam(agent.parameters(), lr=2.5e-3, eps=1e-5)
T, gamma, lam, clip = 16, 0.99, 0.95, 0.2
for update in range(3):
    obs = torch.zeros((T, 3))
    actions, logprobs, rewards, dones, values = (torch.zeros(T) for _ in range(5))
    state = torch.randn(3)
    with torch.no_grad():
        for t in range(T):
            obs[t] = state
            a, lp, _, v = agent.get_action_and_value(state.unsqueeze(0))
            values[t], actions[t], logprobs[t] = v, a, lp
            rewards[t] = 1.0 if (a.item() == 1) == (state[0].item() > 0) else -1.0
            dones[t] = float(t == T - 1)
            state = torch.randn(3)
        advantages = torch.zeros_like(rewards)
        lastgaelam = 0
        for t in reversed(range(T)):
            nextvalue = 0. if t == T - 1 else values[t + 1]
            delta = rewards[t] + gamma * nextvalue * (1 - dones[t]) - values[t]
            advantages[t] = lastgaelam = delta + gamma * lam * (1 - dones[t]) * lastgaelam
        returns = advantages + values
    for epoch in range(4):
        for mb in torch.randperm(T).split(8):
            _, newlogprob, entropy, newvalue = agent.get_action_and_value(obs[mb], actions.long()[mb])
            ratio = (newlogprob - logprobs[mb]).exp()
            adv = advantages[mb]
            adv = (adv - adv.mean()) / (adv.std() + 1e-8)
            pg_loss = torch.max(-adv * ratio, -adv * torch.clamp(ratio, 1 - clip, 1 + clip)).mean()
            v_loss = 0.5 * ((newvalue - returns[mb]) ** 2).mean()
            loss = pg_loss - 0.01 * entropy.mean() + v_loss * 0.5
            optimizer.zero_grad()
            loss.backward()
            nn.utils.clip_grad_norm_(agent.parameters(), 0.5)
            optimizer.step()
    print(f"update={update} reward={rewards.sum().item():+.1f} v_loss={v_loss.item():.3f} entropy={entropy.mean().item():.3f}")
