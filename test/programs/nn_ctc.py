# The CTC loss: reductions, lengths, gradients, what it refuses.
import torch
import torch.nn.functional as F
from torch import nn

torch.manual_seed(0)
logits = torch.randn(6, 3, 4, requires_grad=True)
log_probs = logits.log_softmax(2)
log_probs.retain_grad()
targets = torch.tensor([[1, 2, 0], [3, 3, 1], [2, 0, 0]])
input_lengths, target_lengths = torch.tensor([6, 6, 4]), torch.tensor([2, 3, 1])
loss = F.ctc_loss(log_probs, targets, input_lengths, target_lengths)
loss.backward()
print(loss, log_probs.grad[:, 0], logits.grad[3])
print(F.ctc_loss(log_probs.detach(), targets, input_lengths, target_lengths, reduction='none'))
flat = torch.tensor([1, 2, 3, 3, 1, 2])
print(nn.CTCLoss(reduction='sum')(log_probs.detach(), flat, (6, 6, 4), (2, 3, 1)), nn.CTCLoss())
short = torch.tensor([6, 3, 4])
print(F.ctc_loss(log_probs.detach(), targets, short, target_lengths, reduction='none'))
print(F.ctc_loss(log_probs.detach(), targets, short, target_lengths, reduction='none', zero_infinity=True))
print(F.ctc_loss(log_probs[:, 0].detach(), torch.tensor([1, 2]), torch.tensor(6), torch.tensor(2)))
print(F.ctc_loss(log_probs.detach(), targets % 3, input_lengths, target_lengths, blank=3, reduction='none'))


def attempt(f):
    try:
        print(f())
    except RuntimeError as e:
        print(e)


attempt(lambda: F.ctc_loss(log_probs, targets, torch.tensor([7, 6, 4]), target_lengths))
attempt(lambda: F.ctc_loss(log_probs, targets, torch.tensor([6]), target_lengths))
attempt(lambda: F.ctc_loss(log_probs, targets, input_lengths, target_lengths, blank=9))
attempt(lambda: F.ctc_loss(log_probs, targets, input_lengths, torch.tensor([4, 1, 1])))
