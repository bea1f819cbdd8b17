"""Sequences of different lengths: padded, and packed step by step."""
import torch
from torch.utils.fields import Fields

Tensor = torch.Tensor


class PackedSequence(Fields):
    """Sequences, the longest first, as their first elements, their second elements, …; `batch_sizes` says how many."""

    _fields = ('data', 'batch_sizes', 'sorted_indices', 'unsorted_indices')

    def __init__(self, data, batch_sizes=None, sorted_indices=None, unsorted_indices=None):
        if unsorted_indices is None:
            unsorted_indices = invert_permutation(sorted_indices)
        self.data = data
        self.batch_sizes = batch_sizes
        self.sorted_indices = sorted_indices
        self.unsorted_indices = unsorted_indices

    def with_data(self, data):
        return PackedSequence(data, self.batch_sizes, self.sorted_indices, self.unsorted_indices)

    def to(self, *args, **kwargs):
        return self.with_data(self.data.to(*args, **kwargs))

    def double(self):
        return self.with_data(self.data.double())

    def float(self):
        return self.with_data(self.data.float())

    def cpu(self):
        return self

    @property
    def is_cuda(self):
        return False


def invert_permutation(permutation):
    if permutation is None:
        return None
    return torch.empty_like(permutation).scatter_(0, permutation, torch.arange(permutation.numel()))


def pack_padded_sequence(input, lengths, batch_first=False, enforce_sorted=True):
    lengths = lengths.to(torch.int64) if isinstance(lengths, Tensor) else torch.tensor(lengths, dtype=torch.int64)
    order = None
    if not enforce_sorted:
        lengths, order = torch.sort(lengths, descending=True)
        input = input.index_select(0 if batch_first else 1, order)
    counts = lengths.tolist()
    if batch_first:
        input = input.transpose(0, 1)
    if len(counts) != input.size(1):
        raise RuntimeError(
            f'Expected `len(lengths)` to be equal to batch_size, but got {len(counts)} (batch_size={input.size(1)})'
        )
    if len(counts) == 0:
        raise RuntimeError('Length of all samples has to be greater than 0, but found an element in \'lengths\' that is <= 0')
    for before, after in zip(counts, counts[1:]):
        if after > before:
            raise RuntimeError(
                '`lengths` array must be sorted in decreasing order when `enforce_sorted` is True. You can pass '
                '`enforce_sorted=False` to pack_padded_sequence and/or pack_sequence to sidestep this requirement if '
                'you do not need ONNX exportability.'
            )
    if counts[-1] <= 0:
        raise RuntimeError(
            "Length of all samples has to be greater than 0, but found an element in 'lengths' that is <= 0"
        )
    sizes = []
    left = len(counts)
    for step in range(counts[0]):
        while counts[left - 1] <= step:
            left -= 1
        sizes.append(left)
    steps = [input[min(step, input.size(0) - 1), :size] for step, size in enumerate(sizes)]
    return PackedSequence(torch.cat(steps, 0), torch.tensor(sizes), order)


def pad_packed_sequence(sequence, batch_first=False, padding_value=0.0, total_length=None):
    sizes = sequence.batch_sizes.tolist()
    longest = len(sizes)
    if total_length is not None and total_length < longest:
        raise ValueError(
            'Expected total_length to be at least the length of the longest sequence in input, but got '
            f'total_length={total_length} and max sequence length being {longest}'
        )
    data = sequence.data
    rows = []
    for step in data.split(sizes):
        lacking = sizes[0] - step.size(0)
        if lacking > 0:
            fill = torch.full((lacking,) + tuple(data.shape[1:]), padding_value, dtype=data.dtype)
            step = torch.cat([step, fill], 0)
        rows.append(step)
    for _ in range(0 if total_length is None else total_length - longest):
        rows.append(torch.full((sizes[0],) + tuple(data.shape[1:]), padding_value, dtype=data.dtype))
    padded = torch.stack(rows, 1 if batch_first else 0)
    lengths = torch.tensor([sum(1 for size in sizes if size > row) for row in range(sizes[0])])
    if sequence.unsorted_indices is not None:
        padded = padded.index_select(0 if batch_first else 1, sequence.unsorted_indices)
        lengths = lengths[sequence.unsorted_indices]
    return padded, lengths


def pad_sequence(sequences, batch_first=False, padding_value=0.0, padding_side='right'):
    if padding_side not in ('right', 'left'):
        raise RuntimeError(f'Expected `padding_side` to be one of left or right, but got {padding_side}.')
    for index, each in enumerate(sequences):
        if not isinstance(each, Tensor):
            raise TypeError(f'expected Tensor as element {index} in argument 0, but got {type(each).__name__}')
    sequences = list(sequences)
    if len(sequences) == 0:
        raise RuntimeError('received an empty list of sequences')
    longest = max(each.size(0) for each in sequences)
    padded = []
    for each in sequences:
        lacking = longest - each.size(0)
        if lacking > 0:
            fill = torch.full((lacking,) + tuple(each.shape[1:]), padding_value, dtype=each.dtype)
            each = torch.cat([each, fill] if padding_side == 'right' else [fill, each], 0)
        padded.append(each)
    return torch.stack(padded, 0 if batch_first else 1)


def pack_sequence(sequences, enforce_sorted=True):
    lengths = torch.tensor([each.size(0) for each in sequences])
    return pack_padded_sequence(pad_sequence(sequences), lengths, enforce_sorted=enforce_sorted)


def unpad_sequence(padded_sequences, lengths, batch_first=False):
    if not batch_first:
        padded_sequences = padded_sequences.transpose(0, 1)
    return [each[:int(length)] for each, length in zip(padded_sequences, lengths)]


def unpack_sequence(packed_sequences):
    padded, lengths = pad_packed_sequence(packed_sequences, batch_first=True)
    return unpad_sequence(padded, lengths, batch_first=True)
