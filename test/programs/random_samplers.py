# Numbers of further distributions, in place and as functions, and what is refused.
import torch

torch.manual_seed(0)
for dtype in (torch.float32, torch.float64):
    empty = torch.empty(3, 2, dtype=dtype)
    print(empty.clone().exponential_(), empty.clone().exponential_(2.0))
    print(empty.clone().cauchy_(), empty.clone().cauchy_(1.0, 0.5))
    print(empty.clone().log_normal_(), empty.clone().log_normal_(0.0, 0.25))
    print(empty.clone().geometric_(0.3))
    print(torch._standard_gamma(torch.tensor([0.1, 1.0, 5.0, 50.0], dtype=dtype)))
    print(torch._sample_dirichlet(torch.tensor([[0.5, 1.0, 2.0], [3.0, 3.0, 3.0]], dtype=dtype)))
    count, p = torch.tensor([0.0, 5.0, 40.0, 1000.0], dtype=dtype), torch.tensor([0.5, 0.9, 0.3, 0.7], dtype=dtype)
    print(torch.binomial(count, p))
print(torch.empty(4, dtype=torch.int64).geometric_(0.2), torch.rand(2))
print(torch.multinomial(torch.tensor([0.1, 0.2, 0.7]), 1, True), torch.multinomial(torch.ones(2, 3), 4, True))
generator = torch.Generator().manual_seed(1)
print(torch.empty(2).exponential_(generator=generator), torch.binomial(count, p, generator=generator))
concentration = torch.tensor([0.3, 1.0, 4.0, 40.0, 4000.0], dtype=torch.float64, requires_grad=True)
drawn = torch._standard_gamma(concentration)
drawn.sum().backward()
print(drawn, [f'{g:.2f}' for g in concentration.grad.tolist()])


def attempt(f):
    try:
        print(f())
    except RuntimeError as e:
        print(e)


attempt(lambda: torch.empty(2).exponential_(-1.0))
attempt(lambda: torch.empty(2).cauchy_(0.0, -1.0))
attempt(lambda: torch.empty(2).log_normal_(0.0, -1.0))
attempt(lambda: torch.empty(2).geometric_(1.5))
attempt(lambda: torch.empty(2, dtype=torch.int64).cauchy_())
attempt(lambda: torch.multinomial(torch.tensor([-1.0, 1.0]), 1))
