# The methods that change a tensor in place.
import torch

x = torch.zeros(4)
print(x.fill_(3))
print(x.add_(1), x.mul_(2), x.sub_(3), x.div_(4))
print(x.copy_(torch.arange(4.)))
print(x.clamp_(min=1, max=2))
print(x.neg_().abs_(), x.pow_(2), x.sqrt_())
print(x.zero_())
y = torch.tensor([1., -2., 3.])
y.relu_()
print(y, y.exp_().log_())
print(torch.ones(2, 3).t_().shape, torch.ones(2, 3).unsqueeze_(0).shape)
