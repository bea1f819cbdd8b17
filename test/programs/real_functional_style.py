"""Losses and their shapes, reductions and equivalences."""
import torch
import torch.nn as nn
import torch.nn.functional as F

torch.manual_seed(0)
logits = torch.randn(4, 3, requires_grad=True)
target = torch.tensor([0, 2, 1, 2])
ce = F.cross_entropy(logits, target)
nll = F.nll_loss(F.log_softmax(logits, dim=1), target)
manual = -(logits.softmax(1)[torch.arange(4), target]).log().mean()
print(ce, nll, manual)
ce.backward()
print(torch.allclose(logits.grad, (logits.softmax(1) - F.one_hot(target, 3)) / 4))
for reduction in ['none', 'mean', 'sum']:
    print(reduction, F.cross_entropy(logits, target, reduction=reduction))
print(F.cross_entropy(logits, target, weight=torch.tensor([1., 2., 3.])))
print(F.cross_entropy(logits, F.one_hot(target, 3).float()), F.cross_entropy(logits, target, label_smoothing=0.1))
print(F.cross_entropy(logits, torch.tensor([0, -100, 1, 2])))


class FocalLoss(nn.Module):
    def __init__(self, alpha=0.25, gamma=2.0, reduction='mean'):
        super().__init__()
        self.alpha, self.gamma, self.reduction = alpha, gamma, reduction

    def forward(self, inputs, targets):
        bce = F.binary_cross_entropy_with_logits(inputs, targets, reduction='none')
        pt = torch.exp(-bce)
        loss = self.alpha * (1 - pt) ** self.gamma * bce
        if self.reduction == 'mean':
            return loss.mean()
        return loss.sum() if self.reduction == 'sum' else loss


x = torch.tensor([0.5, -1.2, 3.0], requires_grad=True)
t = torch.tensor([1., 0., 1.])
focal = FocalLoss()(x, t)
focal.backward()
print(focal, x.grad)
print(F.binary_cross_entropy_with_logits(x, t, pos_weight=torch.tensor(2.)), F.binary_cross_entropy(x.sigmoid(), t))
a, b = torch.randn(3, 2), torch.randn(3, 2)
print(F.mse_loss(a, b), F.l1_loss(a, b), F.smooth_l1_loss(a, b), F.huber_loss(a, b, delta=0.5))
p, q = a.softmax(1), b.softmax(1)
print(F.kl_div(q.log(), p, reduction='batchmean'), (p * (p / q).log()).sum() / 3)
print(F.gaussian_nll_loss(a, b, torch.ones(3, 2)), F.poisson_nll_loss(a, b.abs()))
print(F.triplet_margin_loss(a, b, a + 1), F.margin_ranking_loss(a[:, 0], b[:, 0], torch.tensor([1, -1, 1])))


def rmse(y, y_hat, eps=1e-8):
    return torch.sqrt(F.mse_loss(y, y_hat) + eps)


def quantile_loss(pred, y, q=0.9):
    e = y - pred
    return torch.max(q * e, (q - 1) * e).mean()


def log_cosh(pred, y):
    d = pred - y
    return torch.mean(d + F.softplus(-2. * d) - torch.log(torch.tensor(2.)))


def iou(boxes1, boxes2):
    area = lambda b: (b[:, 2] - b[:, 0]) * (b[:, 3] - b[:, 1])
    lt = torch.max(boxes1[:, None, :2], boxes2[:, :2])
    rb = torch.min(boxes1[:, None, 2:], boxes2[:, 2:])
    wh = (rb - lt).clamp(min=0)
    inter = wh[:, :, 0] * wh[:, :, 1]
    return inter / (area(boxes1)[:, None] + area(boxes2) - inter)


print(rmse(a, b), quantile_loss(a, b), log_cosh(a, b))
print(iou(torch.tensor([[0., 0., 2., 2.]]), torch.tensor([[1., 1., 3., 3.], [0., 0., 1., 1.]])))
for act in [nn.ReLU(), nn.GELU(), nn.SiLU(), nn.ELU(), nn.Softplus(), nn.Tanhshrink(), nn.Hardswish(), nn.Mish(), nn.PReLU(), nn.CELU(0.5)]:
    v = torch.tensor([-2., 0., 1.5], requires_grad=True)
    out = act(v)
    out.sum().backward()
    print(act, out.data, v.grad)
