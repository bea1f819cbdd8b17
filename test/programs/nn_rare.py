# Layers that few programs need.
import torch
import torch.nn.functional as F
from torch import nn

torch.manual_seed(0)
bag = nn.EmbeddingBag(5, 3, mode='sum')
print(bag, nn.EmbeddingBag(5, 3, padding_idx=1))
print(bag(torch.tensor([1, 2, 4, 3]), torch.tensor([0, 2])), nn.EmbeddingBag(5, 3)(torch.tensor([[1, 2], [3, 3]])))
print(bag(torch.tensor([[1, 2]]), per_sample_weights=torch.tensor([[0.5, 2.0]])))
pool = nn.MaxPool2d(2, return_indices=True)
x = torch.arange(16.0).reshape(1, 1, 4, 4)
print(nn.MaxUnpool2d(2)(*pool(x)), nn.MaxUnpool2d(2), nn.MaxUnpool1d(2, stride=1))
print(nn.ChannelShuffle(2)(x.reshape(1, 4, 2, 2)).flatten(), nn.ChannelShuffle(2))
print(nn.LPPool3d(2, 2)(torch.ones(1, 1, 2, 2, 2)), nn.LPPool3d(2, 3), nn.FeatureAlphaDropout(0.2))
print(nn.FractionalMaxPool2d(2, output_size=2)(torch.randn(1, 1, 5, 5)).shape)
adaptive = nn.AdaptiveLogSoftmaxWithLoss(4, 10, [2, 5], div_value=2.0)
print(adaptive)
words, target = torch.randn(3, 4), torch.tensor([1, 7, 3])
output, loss = adaptive(words, target)
loss.backward()
print(output, loss, adaptive.head.weight.grad[0], adaptive.predict(words), adaptive.log_prob(words).exp().sum(1))
print(F.gumbel_softmax(torch.ones(2, 3)), F.gumbel_softmax(torch.ones(2, 3), tau=0.5, hard=True))
theta = torch.tensor([[[1.0, 0.0, 0.5], [0.0, 2.0, 0.0]]])
print(F.affine_grid(theta, (1, 1, 2, 3)), F.affine_grid(theta, [1, 1, 2, 2], align_corners=True))


def attempt(f):
    try:
        print(f())
    except (RuntimeError, ValueError) as e:
        print(type(e).__name__, e)


attempt(lambda: bag(torch.tensor([1, 2])))
attempt(lambda: bag(torch.tensor([[1, 2]]), torch.tensor([0])))
attempt(lambda: nn.FractionalMaxPool2d(2))
attempt(lambda: nn.FractionalMaxPool2d(2, output_size=2, output_ratio=0.5))
attempt(lambda: nn.AdaptiveLogSoftmaxWithLoss(4, 10, [5, 2]))
attempt(lambda: adaptive(words, torch.tensor([1])))
attempt(lambda: adaptive(words, torch.tensor([1, 20, 2])))
