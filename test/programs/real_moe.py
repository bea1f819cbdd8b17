import torch
import torch.nn as nn
import torch.nn.functional as F


class Expert(nn.Module):
    def __init__(self, dim, hidden):
        super().__init__()
        self.w1 = nn.Linear(dim, hidden, bias=False)
        self.w2 = nn.Linear(hidden, dim, bias=False)
        self.w3 = nn.Linear(dim, hidden, bias=False)

    def forward(self, x):
        return self.w2(F.silu(self.w1(x)) * self.w3(x))


class SparseMoE(nn.Module):
    def __init__(self, dim=8, hidden=16, num_experts=4, top_k=2):
        super().__init__()
        self.gate = nn.Linear(dim, num_experts, bias=False)
        self.experts = nn.ModuleList([Expert(dim, hidden) for _ in range(num_experts)])
        self.top_k = top_k
        self.num_experts = num_experts

    def forward(self, x):
        B, T, C = x.shape
        x_flat = x.view(-1, C)
        logits = self.gate(x_flat)
        weights, selected = torch.topk(logits, self.top_k)
        weights = F.softmax(weights, dim=1, dtype=torch.float).to(x.dtype)
        out = torch.zeros_like(x_flat)
        for i, expert in enumerate(self.experts):
            token_idx, nth = torch.where(selected == i)
            if token_idx.numel() == 0:
                continue
            out[token_idx] += weights[token_idx, nth, None] * expert(x_flat[token_idx])
        probs = logits.softmax(-1)
        load = torch.zeros(self.num_experts).scatter_add_(0, selected.flatten(), torch.ones(selected.numel()))
        load = load / selected.numel()
        aux = self.num_experts * (load * probs.mean(0)).sum()
        return out.view(B, T, C), aux, load


torch.manual_seed(0)
moe = SparseMoE()
x = torch.randn(2, 6, 8)
target = torch.randn(2, 6, 8)
opt = torch.optim.Adam(moe.parameters(), lr=5e-3)
for step in range(8):
    y, aux, load = moe(x)
    loss = F.mse_loss(y, target) + 0.01 * aux
    opt.zero_grad()
    loss.backward()
    opt.step()
    if step % 3 == 0:
        print(f"step {step} loss {loss:.4f} aux {aux:.4f} load {[round(v, 2) for v in load.tolist()]}")
print(y.shape, y.grad_fn.__class__.__name__)
print({n: f'{p.grad.norm():.3f}' for n, p in moe.named_parameters() if 'gate' in n or '0.w1' in n})
