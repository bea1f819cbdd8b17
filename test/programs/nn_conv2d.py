# A convolution on a small image.
# record: conv.weight.grad
import torch
from torch import nn

conv = nn.Conv2d(1, 1, kernel_size=3, padding=1, bias=False)
with torch.no_grad():
    conv.weight.copy_(torch.tensor([[[[0., 1., 0.], [1., -4., 1.], [0., 1., 0.]]]]))
image = torch.zeros(1, 1, 5, 5)
image[0, 0, 2, 2] = 1
out = conv(image)
print(out)
(out ** 2).sum().backward()
print(conv.weight.grad)
print(conv)
