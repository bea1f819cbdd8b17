# A linear autoencoder.
import torch
from torch import nn

torch.manual_seed(4)
basis = torch.randn(2, 6)
data = torch.randn(40, 2) @ basis
encoder, decoder = nn.Linear(6, 2, bias=False), nn.Linear(2, 6, bias=False)
optimizer = torch.optim.Adam(list(encoder.parameters()) + list(decoder.parameters()), lr=0.05)
for step in range(101):
    code = encoder(data)
    loss = nn.functional.mse_loss(decoder(code), data)
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    if step % 25 == 0:
        print(f"{step:3d} {loss.item():.3f}")
print(code.shape, loss.item() < 0.1)
