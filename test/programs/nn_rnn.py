# A plain recurrent network, and the same by hand.
import torch
from torch import nn

torch.manual_seed(7)
rnn = nn.RNN(input_size=2, hidden_size=3, batch_first=True)
x = torch.tensor([[[1., 0.], [0., 1.], [1., 1.]]])
out, h = rnn(x)
print(out)
print(h)
state = torch.zeros(1, 3)
for t in range(3):
    state = torch.tanh(x[:, t] @ rnn.weight_ih_l0.T + rnn.bias_ih_l0 + state @ rnn.weight_hh_l0.T + rnn.bias_hh_l0)
print(torch.allclose(state, h[0], atol=1e-6))
print([name for name, _ in rnn.named_parameters()])
