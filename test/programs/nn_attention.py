# Multi-head attention.
import torch
from torch import nn

torch.manual_seed(10)
attention = nn.MultiheadAttention(embed_dim=4, num_heads=2, batch_first=True).double()
x = torch.sin(torch.arange(12., dtype=torch.float64)).reshape(1, 3, 4)
out, weights = attention(x, x, x)
print(out)
print(weights, weights.sum(-1))
mask = torch.triu(torch.ones(3, 3, dtype=torch.bool), diagonal=1)
out, weights = attention(x, x, x, attn_mask=mask)
print(weights)
