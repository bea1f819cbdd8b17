# A small variational autoencoder, with distributions for what is hidden and what is seen.
import torch
from torch import nn
from torch.distributions import Bernoulli, Independent, Normal, kl_divergence


class VAE(nn.Module):
    def __init__(self):
        super().__init__()
        self.encoder = nn.Linear(6, 4)
        self.decoder = nn.Linear(2, 6)

    def forward(self, x):
        mean, log_std = self.encoder(x).chunk(2, -1)
        hidden = Independent(Normal(mean, log_std.exp()), 1)
        seen = Independent(Bernoulli(logits=self.decoder(hidden.rsample())), 1)
        prior = Independent(Normal(torch.zeros(2), torch.ones(2)), 1)
        return seen.log_prob(x) - kl_divergence(hidden, prior.expand(hidden.batch_shape))


torch.manual_seed(0)
model = VAE()
data = torch.bernoulli(torch.full((8, 6), 0.4))
optimizer = torch.optim.Adam(model.parameters(), lr=0.05)
for step in range(10):
    optimizer.zero_grad()
    loss = -model(data).mean()
    loss.backward()
    optimizer.step()
    print(step, f'{loss.item():.3f}')
