import math
import torch
from torch import nn


def cosine_beta_schedule(timesteps, s=0.008):
    steps = timesteps + 1
    x = torch.linspace(0, timesteps, steps, dtype=torch.float64)
    alphas_cumprod = torch.cos(((x / timesteps) + s) / (1 + s) * math.pi * 0.5) ** 2
    alphas_cumprod = alphas_cumprod / alphas_cumprod[0]
    betas = 1 - (alphas_cumprod[1:] / alphas_cumprod[:-1])
    return torch.clip(betas, 0, 0.999).float()


T = 20
betas = cosine_beta_schedule(T)
alphas = 1. - betas
alphas_cumprod = torch.cumprod(alphas, dim=0)
alphas_cumprod_prev = nn.functional.pad(alphas_cumprod[:-1], (1, 0), value=1.0)
posterior_variance = betas * (1. - alphas_cumprod_prev) / (1. - alphas_cumprod)
print(betas[:4], alphas_cumprod[-1] < 1e-3)


def extract(a, t, x_shape):
    batch_size = t.shape[0]
    out = a.gather(-1, t.cpu())
    return out.reshape(batch_size, *((1,) * (len(x_shape) - 1))).to(t.device)


class SinusoidalPosEmb(nn.Module):
    def __init__(self, dim):
        super().__init__()
        self.dim = dim

    def forward(self, time):
        half_dim = self.dim // 2
        embeddings = math.log(10000) / (half_dim - 1)
        embeddings = torch.exp(torch.arange(half_dim, device=time.device) * -embeddings)
        embeddings = time[:, None] * embeddings[None, :]
        return torch.cat((embeddings.sin(), embeddings.cos()), dim=-1)


class Denoiser(nn.Module):
    def __init__(self):
        super().__init__()
        self.time = nn.Sequential(SinusoidalPosEmb(8), nn.Linear(8, 16), nn.SiLU())
        self.inp = nn.Linear(2, 16)
        self.out = nn.Sequential(nn.SiLU(), nn.Linear(16, 16), nn.SiLU(), nn.Linear(16, 2))

    def forward(self, x, t):
        return self.out(self.inp(x) + self.time(t))


def q_sample(x_start, t, noise=None):
    if noise is None:
        noise = torch.randn_like(x_start)
    return extract(alphas_cumprod.sqrt(), t, x_start.shape) * x_start + extract((1 - alphas_cumprod).sqrt(), t, x_start.shape) * noise


@torch.no_grad()
def p_sample_loop(model, shape):
    x = torch.randn(shape)
    for i in reversed(range(T)):
        t = torch.full((shape[0],), i, dtype=torch.long)
        mean = extract(alphas.rsqrt(), t, shape) * (x - extract(betas, t, shape) * model(x, t) / extract((1 - alphas_cumprod).sqrt(), t, shape))
        x = mean if i == 0 else mean + extract(posterior_variance, t, shape).sqrt() * torch.randn_like(x)
    return x


torch.manual_seed(0)
theta = torch.rand(256) * 2 * math.pi
data = torch.stack((theta.cos(), theta.sin()), dim=1)
model = Denoiser()
opt = torch.optim.AdamW(model.parameters(), lr=3e-3)
for step in range(61):
    x0 = data[torch.randint(len(data), (64,))]
    t = torch.randint(0, T, (64,)).long()
    noise = torch.randn_like(x0)
    loss = nn.functional.smooth_l1_loss(model(q_sample(x0, t, noise), t), noise)
    opt.zero_grad()
    loss.backward()
    opt.step()
    if step % 20 == 0:
        print(f"step {step:>3} loss {loss.item():.3f}")
samples = p_sample_loop(model, (16, 2))
print(samples.shape, samples.isfinite().all(), samples.requires_grad)
