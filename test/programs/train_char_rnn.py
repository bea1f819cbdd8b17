# A recurrent network that learns a short word.
import torch
from torch import nn

torch.manual_seed(6)
text = "gradient"
alphabet = sorted(set(text))
index = {ch: i for i, ch in enumerate(alphabet)}
codes = torch.tensor([index[ch] for ch in text])
inputs = torch.eye(len(alphabet))[codes[:-1]].unsqueeze(1)
targets = codes[1:]


class Model(nn.Module):
    def __init__(self, n, hidden):
        super().__init__()
        self.rnn = nn.RNN(n, hidden)
        self.out = nn.Linear(hidden, n)

    def forward(self, x):
        h, _ = self.rnn(x)
        return self.out(h.squeeze(1))


model = Model(len(alphabet), 12)
optimizer = torch.optim.Adam(model.parameters(), lr=0.03)
for step in range(81):
    logits = model(inputs)
    loss = nn.functional.cross_entropy(logits, targets)
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    if step % 20 == 0:
        print(step, f"{loss.item():.2f}", text[0] + "".join(alphabet[i] for i in logits.argmax(1)))
