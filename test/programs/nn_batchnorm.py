# BatchNorm1d: statistics of the batch and of the run.
# record: bn.running_mean, bn.running_var
import torch
from torch import nn

bn = nn.BatchNorm1d(3)
x = torch.tensor([[1., 2., 3.], [4., 6., 8.], [7., 1., 0.]])
print(bn(x))
print(bn.running_mean, bn.running_var, bn.num_batches_tracked)
bn(x * 2)
print(bn.running_mean, bn.running_var, bn.num_batches_tracked)
bn.eval()
print(bn(x))
print(bn)
print(list(bn.state_dict()))
