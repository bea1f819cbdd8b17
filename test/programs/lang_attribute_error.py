# A method that is not there.
import torch

x = torch.ones(2)
x.backwards()
