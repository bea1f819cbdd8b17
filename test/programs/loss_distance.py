# Losses between distributions and embeddings.
import torch
from torch import nn
import torch.nn.functional as F

p = torch.tensor([[0.1, 0.2, 0.7], [0.3, 0.3, 0.4]])
q = torch.tensor([[0.2, 0.3, 0.5], [0.25, 0.5, 0.25]])
print(nn.KLDivLoss(reduction="batchmean")(q.log(), p))
print(F.kl_div(q.log(), p, reduction="sum"), F.kl_div(q.log(), p.log(), log_target=True, reduction="batchmean"))
a = torch.tensor([[1., 0.], [0., 1.]], requires_grad=True)
b = torch.tensor([[1., 1.], [2., 0.]])
c = torch.tensor([[-1., 0.], [0., -1.]])
print(nn.TripletMarginLoss()(a, b, c), nn.CosineEmbeddingLoss()(a, b, torch.tensor([1., -1.])))
print(nn.MarginRankingLoss(margin=0.5)(a[:, 0], b[:, 0], torch.tensor([1., -1.])), nn.HingeEmbeddingLoss()(a[0], torch.tensor([1., -1.])))
print(nn.GaussianNLLLoss()(a[0], b[0], torch.tensor([0.5, 2.0])), nn.SoftMarginLoss()(a[0], torch.tensor([1., -1.])))
print(nn.MultiMarginLoss()(p, torch.tensor([2, 0])), nn.MultiLabelSoftMarginLoss()(p, torch.tensor([[1., 0., 1.], [0., 0., 1.]])))
