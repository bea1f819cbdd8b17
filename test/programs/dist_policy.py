# Policies: a categorical one with baseline (REINFORCE), a Gaussian one with entropy, PPO's ratio.
import torch
from torch import nn
from torch.distributions.categorical import Categorical
from torch.distributions.normal import Normal

torch.manual_seed(0)
policy = nn.Linear(3, 4)
states = torch.randn(5, 3)
dist = Categorical(logits=policy(states))
actions = dist.sample()
rewards = torch.tensor([1.0, 0.0, 2.0, -1.0, 0.5])
loss = -(dist.log_prob(actions) * (rewards - rewards.mean())).mean() - 0.01 * dist.entropy().mean()
loss.backward()
print(actions, f'{loss.item():.4f}')
print(policy.weight.grad)
with torch.no_grad():
    old = dist.log_prob(actions)
    policy.weight.add_(0.1)
ratio = (Categorical(logits=policy(states)).log_prob(actions) - old).exp()
print(torch.min(ratio * rewards, ratio.clamp(0.8, 1.2) * rewards))
log_std = nn.Parameter(torch.zeros(2))
gaussian = Normal(torch.ones(2), log_std.exp())
action = gaussian.sample()
(-gaussian.log_prob(action).sum() - gaussian.entropy().sum()).backward()
print(action, log_std.grad)
