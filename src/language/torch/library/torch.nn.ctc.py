"""The loss of connectionist temporal classification (Graves and others, 2006)."""
import torch

#: A logarithm of zero that sums and their gradients stay finite with.
_NEVER = -1e30


def _lengths(lengths):
    return lengths.to(torch.int64).reshape(-1) if isinstance(lengths, torch.Tensor) else torch.tensor(lengths)


def _checked(log_probs, targets, input_lengths, target_lengths, blank):
    steps, batch, classes = log_probs.shape
    where = '(while checking arguments for ctc_loss_allocate_outputs)'
    if not 0 <= blank < classes:
        raise RuntimeError('blank must be in label range')
    if input_lengths.numel() != batch:
        raise RuntimeError('input_lengths must be of size batch_size')
    if target_lengths.numel() != batch:
        raise RuntimeError('target_lengths must be of size batch_size')
    longest = int(target_lengths.max())
    if targets.dim() == 2 and targets.size(1) < longest:
        raise RuntimeError(
            f'Expected tensor to have size at least {longest} at dimension 1, but got size {targets.size(1)} for '
            f"argument #2 'targets' {where}"
        )
    if int(input_lengths.max()) > steps:
        raise RuntimeError(
            f'Expected input_lengths to have value at most {steps}, but got value {int(input_lengths.max())} {where}'
        )


def _padded(targets, target_lengths):
    """Targets that stand one after the other, as rows."""
    longest = int(target_lengths.max())
    if targets.dim() == 2:
        return targets[:, :longest]
    rows = torch.zeros(target_lengths.numel(), longest, dtype=targets.dtype)
    start = 0
    for row, length in enumerate(target_lengths.tolist()):
        rows[row, :length] = targets[start:start + length]
        start += length
    return rows


def _losses(log_probs, targets, input_lengths, target_lengths, blank):
    """The loss of each sequence, by the forward variables of all alignments."""
    batch, longest = targets.shape
    labels = torch.full((batch, 2 * longest + 1), blank, dtype=torch.int64)
    labels[:, 1::2] = targets
    # A label may follow the one before the blank, if it is another.
    skips = torch.zeros(batch, 2 * longest + 1, dtype=torch.bool)
    skips[:, 2:] = (labels[:, 2:] != blank) & (labels[:, 2:] != labels[:, :-2])
    emitted = log_probs.clamp(min=_NEVER).gather(2, labels.expand(log_probs.size(0), -1, -1)).unbind(0)
    never = torch.full((batch, 2), _NEVER, dtype=log_probs.dtype)
    first = torch.arange(2 * longest + 1) < 2
    alpha = torch.where(first, emitted[0], _NEVER)
    for step in range(1, log_probs.size(0)):
        wide = torch.cat([never, alpha], 1)
        skipped = torch.where(skips, wide[:, :-2], _NEVER)
        moved = torch.logsumexp(torch.stack([alpha, wide[:, 1:-1], skipped]), 0) + emitted[step]
        alpha = torch.where((step < input_lengths).unsqueeze(1), moved, alpha)
    ends = torch.stack([2 * target_lengths, (2 * target_lengths - 1).clamp(min=0)], 1)
    final = alpha.gather(1, ends)
    final = torch.where((target_lengths == 0).unsqueeze(1) & torch.tensor([False, True]), _NEVER, final)
    losses = -torch.logsumexp(final, 1)
    # Rows of probabilities sum to one: PyTorch's gradient takes that into account.
    steps = torch.arange(log_probs.size(0)).unsqueeze(1) < input_lengths
    total = (log_probs.exp().sum(2) * steps).sum(0)
    return losses + (total - total.detach())


def ctc_loss(log_probs, targets, input_lengths, target_lengths, blank, reduction, zero_infinity):
    single = log_probs.dim() == 2
    if single:
        log_probs = log_probs.unsqueeze(1)
        targets = targets.unsqueeze(0) if targets.dim() == 1 else targets
    input_lengths, target_lengths = _lengths(input_lengths), _lengths(target_lengths)
    _checked(log_probs, targets, input_lengths, target_lengths, blank)
    losses = _losses(log_probs, _padded(targets, target_lengths), input_lengths, target_lengths, blank)
    losses = torch.where(losses > -_NEVER / 2, 0.0 if zero_infinity else torch.inf, losses)
    if reduction == 'mean':
        return (losses / target_lengths.clamp(min=1)).mean()
    if reduction == 'sum':
        return losses.sum()
    if reduction != 'none':
        raise ValueError(f'{reduction} is not a valid value for reduction')
    return losses.squeeze(0) if single else losses
