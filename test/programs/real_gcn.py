import torch
import torch.nn as nn
import torch.nn.functional as F


class GraphConvolution(nn.Module):
    def __init__(self, in_features, out_features, bias=True):
        super(GraphConvolution, self).__init__()
        self.in_features = in_features
        self.out_features = out_features
        self.weight = nn.Parameter(torch.FloatTensor(in_features, out_features))
        if bias:
            self.bias = nn.Parameter(torch.FloatTensor(out_features))
        else:
            self.register_parameter('bias', None)
        self.reset_parameters()

    def reset_parameters(self):
        stdv = 1. / self.weight.size(1) ** 0.5
        self.weight.data.uniform_(-stdv, stdv)
        if self.bias is not None:
            self.bias.data.uniform_(-stdv, stdv)

    def forward(self, input, adj):
        support = torch.mm(input, self.weight)
        output = torch.mm(adj, support)
        return output + self.bias if self.bias is not None else output

    def __repr__(self):
        return self.__class__.__name__ + ' (' + str(self.in_features) + ' -> ' + str(self.out_features) + ')'


class GCN(nn.Module):
    def __init__(self, nfeat, nhid, nclass, dropout):
        super().__init__()
        self.gc1 = GraphConvolution(nfeat, nhid)
        self.gc2 = GraphConvolution(nhid, nclass)
        self.dropout = dropout

    def forward(self, x, adj):
        x = F.relu(self.gc1(x, adj))
        x = F.dropout(x, self.dropout, training=self.training)
        return F.log_softmax(self.gc2(x, adj), dim=1)


torch.manual_seed(42)
edges = torch.tensor([[0, 1], [1, 2], [2, 0], [3, 4], [4, 5], [5, 3], [2, 3]]).t()
n = 6
adj = torch.zeros(n, n)
adj[edges[0], edges[1]] = 1
adj = torch.maximum(adj, adj.T) + torch.eye(n)
d = adj.sum(1).pow(-0.5)
adj = d[:, None] * adj * d[None, :]
print(adj)
labels = torch.tensor([0, 0, 0, 1, 1, 1])
model = GCN(n, 4, 2, 0.2)
print(model)
optimizer = torch.optim.Adam(model.parameters(), lr=0.05, weight_decay=5e-4)
train_idx = torch.LongTensor([0, 5])
for epoch in range(21):
    model.train()
    optimizer.zero_grad()
    output = model(torch.eye(n), adj)
    loss = F.nll_loss(output[train_idx], labels[train_idx])
    loss.backward()
    optimizer.step()
    if epoch % 10 == 0:
        print('Epoch: {:04d}'.format(epoch + 1), 'loss_train: {:.4f}'.format(loss.item()))
model.eval()
print(model(torch.eye(n), adj).max(1)[1].type_as(labels).eq(labels).double().sum() / n)
# attention over edges with scatter softmax
src, dst = edges
e = torch.randn(edges.size(1), requires_grad=True)
mx = torch.full((n,), -float('inf')).scatter_reduce(0, dst, e, reduce='amax')
ex = (e - mx[dst]).exp()
alpha = ex / torch.zeros(n).index_add(0, dst, ex)[dst]
print(torch.zeros(n).index_add(0, dst, alpha.detach()))
alpha[0].backward()
print(e.grad.nonzero().flatten())
