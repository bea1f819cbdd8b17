# Functions of torch.nn.functional.
import torch
import torch.nn.functional as F

x = torch.tensor([[-1., 0., 2.], [3., -2., 1.]])
print(F.relu(x), F.leaky_relu(x, 0.1), F.elu(x), F.gelu(x), F.silu(x), F.softplus(x))
print(F.softmax(x, dim=1), F.log_softmax(x, dim=-1), F.softmin(x, dim=0))
print(F.one_hot(torch.tensor([0, 2, 1])), F.one_hot(torch.tensor([1]), 4))
print(F.normalize(x), F.cosine_similarity(x[:1], x[1:]), F.pairwise_distance(x[0], x[1]))
print(F.linear(x, torch.ones(2, 3), torch.tensor([1., -1.])), F.hardtanh(x), F.logsigmoid(x))
print(F.layer_norm(x, (3,)), F.dropout(x, 0.5, training=False))
print(F.embedding(torch.tensor([1, 0]), torch.tensor([[1., 2.], [3., 4.]])))
print(F.mse_loss(x, torch.zeros_like(x)), F.cross_entropy(x, torch.tensor([2, 0])), F.l1_loss(x, x + 1))
print(F.interpolate(torch.arange(4.).reshape(1, 1, 2, 2), scale_factor=2))
