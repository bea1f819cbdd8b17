"""Recurrent networks over packed sequences."""
import torch


def _parted(state, part):
    """A part of a state, which is a pair for an LSTM."""
    return tuple(part(each) for each in state) if isinstance(state, tuple) else part(state)


def _joined(states):
    if isinstance(states[0], tuple):
        return tuple(torch.cat(list(parts), 0) for parts in zip(*states))
    return torch.cat(states, 0)


class Packed:
    """The states of packed sequences, of which some end, or begin, at each step."""

    def __init__(self, state, backwards, sizes):
        self.sizes = sizes
        self.first = state
        self.backwards = backwards
        self.count = 0 if backwards else sizes[0]
        self.ended = []

    def at(self, step, state):
        size, count = self.sizes[step], self.count
        self.count = size
        if not self.backwards and size < count:
            self.ended.append(_parted(state, lambda each: each[size:]))
            return _parted(state, lambda each: each[:size])
        if self.backwards and size > count:
            new = _parted(self.first, lambda each: each[count:size])
            return new if count == 0 else _joined([state, new])
        return state

    def last(self, state):
        return _joined([state] + self.ended[::-1]) if len(self.ended) > 0 else state
