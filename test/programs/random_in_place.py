# Distributions in place.
import torch

torch.manual_seed(0)
for n in (1, 3, 20):
    print(torch.empty(n).exponential_(2.0))
    print(torch.empty(n, dtype=torch.float64).exponential_())
    print(torch.empty(n).cauchy_(), torch.empty(n).cauchy_(1, 0.5))
    print(torch.empty(n).log_normal_(), torch.empty(n).log_normal_(0, 0.5))
    print(torch.empty(n).geometric_(0.3))
    print(torch.empty(n, dtype=torch.int64).geometric_(0.2), torch.rand(1))
for draw in (lambda x: x.exponential_(-1.0), lambda x: x.log_normal_(0, -1), lambda x: x.geometric_(0), lambda x: x.cauchy_(0, 0)):
    try:
        draw(torch.empty(2))
    except RuntimeError as error:
        print(error)
