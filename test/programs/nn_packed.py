# Sequences of different lengths: padding, packing, and recurrent networks over them.
import torch
from torch import nn
from torch.nn.utils.rnn import (
    PackedSequence, pack_padded_sequence, pack_sequence, pad_packed_sequence, pad_sequence, unpack_sequence, unpad_sequence,
)

rows = [torch.tensor([1.0, 2.0]), torch.tensor([3.0]), torch.tensor([4.0, 5.0, 6.0])]
print(pad_sequence(rows), pad_sequence(rows, True, -1.0), pad_sequence(rows, True, padding_side='left'))
packed = pack_sequence(rows, enforce_sorted=False)
print(packed, isinstance(packed, PackedSequence))
print(pad_packed_sequence(packed, batch_first=True, padding_value=-1.0, total_length=4))
print(unpack_sequence(packed), unpad_sequence(torch.ones(3, 2), torch.tensor([3, 1])))

torch.manual_seed(0)
x = torch.randn(3, 4, 2)
lengths = torch.tensor([2, 4, 1])
embedded = pack_padded_sequence(x, lengths, batch_first=True, enforce_sorted=False)
for net in [nn.RNN(2, 3), nn.GRU(2, 3, bidirectional=True), nn.LSTM(2, 3, num_layers=2, bidirectional=True, batch_first=True)]:
    output, hidden = net(embedded)
    padded, found = pad_packed_sequence(output, batch_first=True)
    print(padded.shape, found, padded[2])
    print(hidden if isinstance(hidden, torch.Tensor) else [h[0] for h in hidden])
    net.zero_grad()
    padded.sum().backward()
    print(net.weight_hh_l0.grad[:2], net.bias_ih_l0.grad[:3])
gru = nn.GRU(2, 3)
first = torch.arange(9.0).reshape(1, 3, 3) / 10
print(gru(embedded, first)[1])
alone = torch.stack([gru(x[i, :n].unsqueeze(1), first[:, i:i + 1].contiguous())[1][0, 0] for i, n in enumerate(lengths)])
print(torch.allclose(gru(embedded, first)[1][0], alone))


def attempt(f):
    try:
        print(f())
    except (RuntimeError, ValueError, TypeError) as e:
        print(type(e).__name__, e)


attempt(lambda: pack_sequence(rows))
attempt(lambda: pack_padded_sequence(torch.ones(3, 2, 1), [3, 0]))
attempt(lambda: pack_padded_sequence(torch.ones(3, 2, 1), [3]))
attempt(lambda: pad_packed_sequence(packed, total_length=2))
attempt(lambda: pad_sequence('a'))
attempt(lambda: nn.GRU(3, 3)(embedded))
