import torch
import torch.nn.functional as F


def forward_algorithm(log_pi, log_A, log_B, obs):
    """log p(obs) by the forward recursion in log space."""
    alpha = log_pi + log_B[:, obs[0]]
    for o in obs[1:]:
        alpha = torch.logsumexp(alpha.unsqueeze(1) + log_A, dim=0) + log_B[:, o]
    return torch.logsumexp(alpha, dim=0)


def viterbi(log_pi, log_A, log_B, obs):
    delta = log_pi + log_B[:, obs[0]]
    back = []
    for o in obs[1:]:
        best, arg = (delta[:, None] + log_A).max(dim=0)
        back.append(arg)
        delta = best + log_B[:, o]
    path = [delta.argmax().item()]
    for arg in reversed(back):
        path.insert(0, arg[path[0]].item())
    return path


obs = torch.tensor([0, 0, 1, 2, 2, 2, 1, 0, 0, 0, 2, 2])
torch.manual_seed(0)
pi = torch.zeros(2, requires_grad=True)
A = torch.randn(2, 2, requires_grad=True)
B = torch.randn(2, 3, requires_grad=True)
opt = torch.optim.SGD([pi, A, B], lr=0.5)
for it in range(60):
    ll = forward_algorithm(F.log_softmax(pi, 0), F.log_softmax(A, 1), F.log_softmax(B, 1), obs)
    loss = -ll / len(obs)
    opt.zero_grad()
    loss.backward()
    opt.step()
    if it % 20 == 0:
        print("%3d %.4f" % (it, loss))
with torch.no_grad():
    print(viterbi(F.log_softmax(pi, 0), F.log_softmax(A, 1), F.log_softmax(B, 1), obs))
    torch.set_printoptions(precision=2, sci_mode=False)
    print(A.softmax(1).sum(1).round(decimals=3), torch.round(B.softmax(-1).sum(), decimals=2))
