import math
import torch
import torch.nn as nn
import torch.nn.functional as F
from typing import Optional, Tuple


def rotate_half(x):
    x1, x2 = x[..., : x.shape[-1] // 2], x[..., x.shape[-1] // 2:]
    return torch.cat((-x2, x1), dim=-1)


def rope_tables(dim, max_len, base=10000.0):
    inv_freq = 1.0 / (base ** (torch.arange(0, dim, 2).float() / dim))
    t = torch.arange(max_len, dtype=torch.float32)
    freqs = torch.einsum("i,j->ij", t, inv_freq)
    emb = torch.cat((freqs, freqs), dim=-1)
    return emb.cos(), emb.sin()


class RMSNorm(nn.Module):
    def __init__(self, dim: int, eps: float = 1e-6):
        super().__init__()
        self.eps = eps
        self.weight = nn.Parameter(torch.ones(dim))

    def forward(self, x):
        return x * torch.rsqrt(x.pow(2).mean(-1, keepdim=True) + self.eps) * self.weight


class Attention(nn.Module):
    def __init__(self, dim, n_heads, n_kv_heads, max_len=32):
        super().__init__()
        self.n_heads, self.n_kv = n_heads, n_kv_heads
        self.hd = dim // n_heads
        self.wq = nn.Linear(dim, n_heads * self.hd, bias=False)
        self.wk = nn.Linear(dim, n_kv_heads * self.hd, bias=False)
        self.wv = nn.Linear(dim, n_kv_heads * self.hd, bias=False)
        self.wo = nn.Linear(n_heads * self.hd, dim, bias=False)
        cos, sin = rope_tables(self.hd, max_len)
        self.register_buffer("cos", cos, persistent=False)
        self.register_buffer("sin", sin, persistent=False)

    def forward(self, x, cache: Optional[Tuple[torch.Tensor, torch.Tensor]] = None):
        b, t, _ = x.shape
        start = 0 if cache is None else cache[0].shape[2]
        q = self.wq(x).view(b, t, self.n_heads, self.hd).transpose(1, 2)
        k = self.wk(x).view(b, t, self.n_kv, self.hd).transpose(1, 2)
        v = self.wv(x).view(b, t, self.n_kv, self.hd).transpose(1, 2)
        cos, sin = self.cos[start:start + t], self.sin[start:start + t]
        q = q * cos + rotate_half(q) * sin
        k = k * cos + rotate_half(k) * sin
        if cache is not None:
            k = torch.cat([cache[0], k], dim=2)
            v = torch.cat([cache[1], v], dim=2)
        new_cache = (k, v)
        k = k.repeat_interleave(self.n_heads // self.n_kv, dim=1)
        v = v.repeat_interleave(self.n_heads // self.n_kv, dim=1)
        scores = q @ k.transpose(2, 3) / math.sqrt(self.hd)
        if t > 1:
            mask = torch.full((t, t), float("-inf")).triu(diagonal=1)
            scores = scores + torch.hstack([torch.zeros((t, start)), mask])
        out = F.softmax(scores.float(), dim=-1).type_as(q) @ v
        return self.wo(out.transpose(1, 2).reshape(b, t, -1)), new_cache


torch.manual_seed(0)
attn = Attention(16, 4, 2)
norm = RMSNorm(16)
x = torch.randn(1, 6, 16)
full, _ = attn(norm(x))
cache, outs = None, []
with torch.no_grad():
    for i in range(6):
        o, cache = attn(norm(x[:, i:i + 1]), cache)
        outs.append(o)
inc = torch.cat(outs, dim=1)
print(torch.allclose(full, inc, atol=1e-5), cache[0].shape)
q, k = torch.randn(8), torch.randn(8)
cos, sin = rope_tables(8, 20)
rot = lambda v, p: v * cos[p] + rotate_half(v) * sin[p]
print(torch.isclose(rot(q, 5) @ rot(k, 3), rot(q, 12) @ rot(k, 10), atol=1e-4))
ref = F.scaled_dot_product_attention(torch.ones(1, 2, 3, 4), torch.ones(1, 2, 3, 4), torch.ones(1, 2, 3, 4), is_causal=True)
print(ref.shape, ref.sum())
full.pow(2).mean().backward()
print({n: f"{p.grad.norm():.4f}" for n, p in attn.named_parameters()})
print(list(attn.state_dict()))
