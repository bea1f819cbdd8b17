import torch
import torch.nn as nn
import math

torch.manual_seed(0)
t = torch.arange(0, 60, 0.5)
series = torch.sin(0.3 * t) + 0.05 * torch.randn(len(t))


def create_inout_sequences(input_data, tw):
    seqs = []
    L = len(input_data)
    for i in range(L - tw):
        seqs.append((input_data[i:i + tw], input_data[i + tw:i + tw + 1]))
    return seqs


class LSTM(nn.Module):
    def __init__(self, input_size=1, hidden_layer_size=8, output_size=1):
        super().__init__()
        self.hidden_layer_size = hidden_layer_size
        self.lstm = nn.LSTM(input_size, hidden_layer_size)
        self.linear = nn.Linear(hidden_layer_size, output_size)
        self.hidden_cell = (torch.zeros(1, 1, self.hidden_layer_size),
                            torch.zeros(1, 1, self.hidden_layer_size))

    def forward(self, input_seq):
        lstm_out, self.hidden_cell = self.lstm(input_seq.view(len(input_seq), 1, -1), self.hidden_cell)
        predictions = self.linear(lstm_out.view(len(input_seq), -1))
        return predictions[-1]


mn, mx = series.min(), series.max()
norm = (series - mn) / (mx - mn) * 2 - 1
pairs = create_inout_sequences(norm, 8)
print(len(pairs), pairs[0][0].shape)
model = LSTM()
print(model)
loss_function = nn.MSELoss()
optimizer = torch.optim.Adam(model.parameters(), lr=0.01)
for i in range(2):
    total = 0
    for seq, labels in pairs[:40]:
        optimizer.zero_grad()
        model.hidden_cell = (torch.zeros(1, 1, model.hidden_layer_size), torch.zeros(1, 1, model.hidden_layer_size))
        y_pred = model(seq)
        single_loss = loss_function(y_pred, labels)
        single_loss.backward()
        optimizer.step()
        total += single_loss.item()
    print(f'epoch: {i:3} loss: {total / 40:10.8f}'[:26])
model.eval()
test_inputs = norm[-8:].tolist()
for i in range(3):
    seq = torch.FloatTensor(test_inputs[-8:])
    with torch.no_grad():
        model.hidden = (torch.zeros(1, 1, 8), torch.zeros(1, 1, 8))
        test_inputs.append(model(seq).item())
print(len(test_inputs), all(math.isfinite(v) for v in test_inputs))
rnn = nn.LSTM(4, 6, num_layers=2, batch_first=True, bidirectional=True, dropout=0.)
out, (h, c) = rnn(torch.randn(3, 5, 4))
print(out.shape, h.shape, c.shape, [n for n, _ in rnn.named_parameters()][:4])
print(torch.allclose(out[:, -1, :6], h[-2]), torch.allclose(out[:, 0, 6:], h[-1]))
