"""Recurrent networks."""
import math

import torch
import torch.nn.functional as F
from torch.nn import init
from torch.nn.modules.module import Module
from torch.nn.parameter import Parameter


def _lstm(gates, cx):
    input, forget, cell, output = gates.chunk(4, 1)
    input = torch.sigmoid(input)
    forget = torch.sigmoid(forget)
    cell = torch.tanh(cell)
    output = torch.sigmoid(output)
    cy = forget * cx + input * cell
    return output * torch.tanh(cy), cy


def _gru(from_input, from_hidden, hx):
    reset_i, update_i, new_i = from_input.chunk(3, 1)
    reset_h, update_h, new_h = from_hidden.chunk(3, 1)
    reset = torch.sigmoid(reset_h + reset_i)
    update = torch.sigmoid(update_h + update_i)
    new = torch.tanh(new_i + reset * new_h)
    return (hx - new) * update + new


def _check_sizes(input_size, hidden_size):
    if not isinstance(hidden_size, int):
        raise TypeError(f'hidden_size should be of type int, got: {type(hidden_size).__name__}')
    if hidden_size <= 0:
        raise ValueError('hidden_size must be greater than zero')


class RNNBase(Module):
    def __init__(
        self, mode, input_size, hidden_size, num_layers=1, bias=True, batch_first=False, dropout=0.0,
        bidirectional=False, proj_size=0, device=None, dtype=None,
    ):
        super().__init__()
        _check_sizes(input_size, hidden_size)
        if num_layers <= 0:
            raise ValueError('num_layers must be greater than zero')
        if isinstance(dropout, bool) or not 0 <= dropout <= 1:
            raise ValueError(
                'dropout should be a number in range [0, 1] representing the probability of an element being zeroed'
            )
        if proj_size < 0:
            raise ValueError('proj_size should be a positive integer or zero to disable projections')
        if proj_size >= hidden_size:
            raise ValueError('proj_size has to be smaller than hidden_size')
        self.mode = mode
        self.input_size = input_size
        self.hidden_size = hidden_size
        self.num_layers = num_layers
        self.bias = bias
        self.batch_first = batch_first
        self.dropout = float(dropout)
        self.bidirectional = bidirectional
        self.proj_size = proj_size
        gates = {'LSTM': 4, 'GRU': 3}.get(mode, 1) * hidden_size
        directions = 2 if bidirectional else 1
        state_size = proj_size if proj_size > 0 else hidden_size
        self._all_weights = []
        for layer in range(num_layers):
            for direction in range(directions):
                suffix = f'_l{layer}' + ('_reverse' if direction == 1 else '')
                width = input_size if layer == 0 else state_size * directions
                shapes = [('weight_ih', (gates, width)), ('weight_hh', (gates, state_size))]
                if bias:
                    shapes += [('bias_ih', (gates,)), ('bias_hh', (gates,))]
                if proj_size > 0:
                    shapes.append(('weight_hr', (proj_size, hidden_size)))
                names = []
                for name, shape in shapes:
                    setattr(self, name + suffix, Parameter(torch.empty(shape, device=device, dtype=dtype)))
                    names.append(name + suffix)
                self._all_weights.append(names)
        self.reset_parameters()

    @property
    def all_weights(self):
        return [[getattr(self, name) for name in names] for names in self._all_weights]

    def reset_parameters(self):
        bound = 1.0 / math.sqrt(self.hidden_size) if self.hidden_size > 0 else 0
        for weight in self.parameters():
            init.uniform_(weight, -bound, bound)

    def flatten_parameters(self):
        pass

    def _check_input(self, input):
        if input.dim() not in (2, 3):
            raise ValueError(f'{type(self).__name__}: Expected input to be 2D or 3D, got {input.dim()}D instead')
        expected = self.weight_ih_l0.dtype
        if input.dtype != expected:
            raise ValueError(f'RNN input dtype ({input.dtype}) does not match weight dtype ({expected}).')
        if input.size(-1) != self.input_size:
            raise RuntimeError(
                f'input.size(-1) must be equal to input_size. Expected {self.input_size}, got {input.size(-1)}'
            )

    def _check_state(self, state, batch, width, what):
        count = self.num_layers * (2 if self.bidirectional else 1)
        if tuple(state.shape) != (count, batch, width):
            raise RuntimeError(f'Expected {what} size ({count}, {batch}, {width}), got {list(state.size())}')

    def _zeros(self, input, batch, width):
        count = self.num_layers * (2 if self.bidirectional else 1)
        return torch.zeros(count, batch, width, dtype=input.dtype)

    def _direction(self, input, weights, state, backwards, sizes):
        """One layer in one direction: the outputs of all steps, and the last state.

        `sizes` says how many sequences of packed ones there are at each step; else it is None.
        """
        w_ih, w_hh = weights[0], weights[1]
        b_ih, b_hh = (weights[2], weights[3]) if self.bias else (None, None)
        w_hr = weights[-1] if self.proj_size > 0 else None
        gates = F.linear(input, w_ih, b_ih)
        from_input = gates.unbind(0) if sizes is None else gates.split(sizes)
        steps = range(len(from_input))
        outputs = []
        packed = None
        if sizes is not None:
            # Only programs with packed sequences need them.
            from torch.nn.modules.packed import Packed

            packed = Packed(state, backwards, sizes)
        for step in reversed(steps) if backwards else steps:
            if packed is not None:
                state = packed.at(step, state)
            if self.mode == 'LSTM':
                hx, cx = state
                hx, cx = _lstm(F.linear(hx, w_hh, b_hh) + from_input[step], cx)
                if w_hr is not None:
                    hx = F.linear(hx, w_hr)
                state = (hx, cx)
                outputs.append(hx)
                continue
            from_hidden = F.linear(state, w_hh, b_hh)
            if self.mode == 'GRU':
                state = _gru(from_input[step], from_hidden, state)
            elif self.mode == 'RNN_RELU':
                state = torch.relu(from_hidden + from_input[step])
            else:
                state = torch.tanh(from_hidden + from_input[step])
            outputs.append(state)
        if backwards:
            outputs.reverse()
        if packed is None:
            return torch.stack(outputs, 0), state
        return torch.cat(outputs, 0), packed.last(state)

    def _run(self, input, states, sizes=None):
        """All layers; `states` has one state for each layer and direction."""
        last = []
        for layer in range(self.num_layers):
            if self.bidirectional:
                ahead, ahead_state = self._direction(input, self._weights(2 * layer), states[2 * layer], False, sizes)
                back, back_state = self._direction(
                    input, self._weights(2 * layer + 1), states[2 * layer + 1], True, sizes
                )
                input = torch.cat([ahead, back], -1)
                last += [ahead_state, back_state]
            else:
                input, state = self._direction(input, self._weights(layer), states[layer], False, sizes)
                last.append(state)
            if self.dropout != 0 and self.training and layer < self.num_layers - 1:
                input = F.dropout(input, self.dropout, True)
        return input, last

    def _weights(self, index):
        return [getattr(self, name) for name in self._all_weights[index]]

    def _batched(self, input):
        self._check_input(input)
        single = input.dim() == 2
        if single:
            input = input.unsqueeze(0 if self.batch_first else 1)
        return (input.transpose(0, 1) if self.batch_first else input), single

    def _output(self, output, single):
        if self.batch_first:
            output = output.transpose(0, 1) if self.mode == 'LSTM' else output.transpose_(0, 1)
        return output.squeeze(0 if self.batch_first else 1) if single else output

    def _packed(self, sequence, states):
        """The outputs of packed sequences, and the last states; `states` are None, or a tensor each."""
        data = sequence.data
        if data.size(-1) != self.input_size:
            raise RuntimeError(
                f'input.size(-1) must be equal to input_size. Expected {self.input_size}, got {data.size(-1)}'
            )
        sizes = sequence.batch_sizes.tolist()
        widths = [self.hidden_size] if self.mode != 'LSTM' else [self.proj_size or self.hidden_size, self.hidden_size]
        if states is None:
            states = [self._zeros(data, sizes[0], width) for width in widths]
        elif sequence.sorted_indices is not None:
            states = [state.index_select(1, sequence.sorted_indices) for state in states]
        for number, (state, width) in enumerate(zip(states, widths)):
            self._check_state(state, sizes[0], width, 'hidden' if len(widths) == 1 else f'hidden[{number}]')
        parts = [state.unbind(0) for state in states]
        output, last = self._run(data, list(zip(*parts)) if self.mode == 'LSTM' else parts[0], sizes)
        last = [torch.stack(list(each), 0) for each in zip(*last)] if self.mode == 'LSTM' else [torch.stack(last, 0)]
        if sequence.unsorted_indices is not None:
            last = [state.index_select(1, sequence.unsorted_indices) for state in last]
        return sequence.with_data(output), last

    def forward(self, input, hx=None):
        if not isinstance(input, torch.Tensor):
            output, last = self._packed(input, None if hx is None else [hx])
            return output, last[0]
        input, single = self._batched(input)
        batch = input.size(1)
        if hx is None:
            hx = self._zeros(input, batch, self.hidden_size)
        else:
            if hx.dim() != (2 if single else 3):
                raise RuntimeError(
                    f'For {"unbatched 2-D" if single else "batched 3-D"} input, hx should also be '
                    f'{2 if single else 3}-D but got {hx.dim()}-D tensor'
                )
            if single:
                hx = hx.unsqueeze(1)
        self._check_state(hx, batch, self.hidden_size, 'hidden')
        output, last = self._run(input, hx.unbind(0))
        hidden = torch.stack(last, 0)
        return self._output(output, single), hidden.squeeze(1) if single else hidden

    def extra_repr(self):
        text = f'{self.input_size}, {self.hidden_size}'
        if self.proj_size != 0:
            text += f', proj_size={self.proj_size}'
        if self.num_layers != 1:
            text += f', num_layers={self.num_layers}'
        if self.bias is not True:
            text += f', bias={self.bias}'
        if self.batch_first is not False:
            text += f', batch_first={self.batch_first}'
        if self.dropout != 0:
            text += f', dropout={self.dropout}'
        if self.bidirectional is not False:
            text += f', bidirectional={self.bidirectional}'
        return text


class RNN(RNNBase):
    def __init__(
        self, input_size, hidden_size, num_layers=1, nonlinearity='tanh', bias=True, batch_first=False, dropout=0.0,
        bidirectional=False, device=None, dtype=None,
    ):
        if nonlinearity not in ('tanh', 'relu'):
            raise ValueError(f"Unknown nonlinearity '{nonlinearity}'. Select from 'tanh' or 'relu'.")
        mode = 'RNN_TANH' if nonlinearity == 'tanh' else 'RNN_RELU'
        super().__init__(
            mode, input_size, hidden_size, num_layers, bias, batch_first, dropout, bidirectional, 0, device, dtype
        )
        self.nonlinearity = nonlinearity


class GRU(RNNBase):
    def __init__(
        self, input_size, hidden_size, num_layers=1, bias=True, batch_first=False, dropout=0.0, bidirectional=False,
        device=None, dtype=None,
    ):
        super().__init__(
            'GRU', input_size, hidden_size, num_layers, bias, batch_first, dropout, bidirectional, 0, device, dtype
        )


class LSTM(RNNBase):
    def __init__(
        self, input_size, hidden_size, num_layers=1, bias=True, batch_first=False, dropout=0.0, bidirectional=False,
        proj_size=0, device=None, dtype=None,
    ):
        super().__init__(
            'LSTM', input_size, hidden_size, num_layers, bias, batch_first, dropout, bidirectional, proj_size,
            device, dtype,
        )

    def forward(self, input, hx=None):
        if not isinstance(input, torch.Tensor):
            output, last = self._packed(input, hx)
            return output, tuple(last)
        input, single = self._batched(input)
        batch = input.size(1)
        width = self.proj_size if self.proj_size > 0 else self.hidden_size
        if hx is None:
            h = self._zeros(input, batch, width)
            c = self._zeros(input, batch, self.hidden_size)
        else:
            h, c = hx
            if h.dim() != (2 if single else 3) or c.dim() != (2 if single else 3):
                raise RuntimeError(
                    f'For {"unbatched 2-D" if single else "batched 3-D"} input, hx and cx should also be '
                    f'{2 if single else 3}-D but got ({h.dim()}-D, {c.dim()}-D) tensors'
                )
            if single:
                h, c = h.unsqueeze(1), c.unsqueeze(1)
        self._check_state(h, batch, width, 'hidden[0]')
        self._check_state(c, batch, self.hidden_size, 'hidden[1]')
        output, last = self._run(input, list(zip(h.unbind(0), c.unbind(0))))
        h = torch.stack([state[0] for state in last], 0)
        c = torch.stack([state[1] for state in last], 0)
        if single:
            h, c = h.squeeze(1), c.squeeze(1)
        return self._output(output, single), (h, c)


class RNNCellBase(Module):
    def __init__(self, input_size, hidden_size, bias, num_chunks, device=None, dtype=None):
        super().__init__()
        self.input_size = input_size
        self.hidden_size = hidden_size
        self.bias = bias
        gates = num_chunks * hidden_size
        self.weight_ih = Parameter(torch.empty((gates, input_size), device=device, dtype=dtype))
        self.weight_hh = Parameter(torch.empty((gates, hidden_size), device=device, dtype=dtype))
        if bias:
            self.bias_ih = Parameter(torch.empty(gates, device=device, dtype=dtype))
            self.bias_hh = Parameter(torch.empty(gates, device=device, dtype=dtype))
        else:
            self.register_parameter('bias_ih', None)
            self.register_parameter('bias_hh', None)
        self.reset_parameters()

    def reset_parameters(self):
        bound = 1.0 / math.sqrt(self.hidden_size) if self.hidden_size > 0 else 0
        for weight in self.parameters():
            init.uniform_(weight, -bound, bound)

    def _batched(self, input, states):
        if input.dim() not in (1, 2):
            raise ValueError(f'{type(self).__name__}: Expected input to be 1D or 2D, got {input.dim()}D instead')
        single = input.dim() == 1
        if single:
            input = input.unsqueeze(0)
        if input.size(1) != self.input_size:
            raise RuntimeError(f'input has inconsistent input_size: got {input.size(1)} expected {self.input_size}')
        ready = []
        for state in states:
            if state is None:
                state = torch.zeros(input.size(0), self.hidden_size, dtype=input.dtype)
            elif single:
                state = state.unsqueeze(0)
            if state.size(0) != input.size(0):
                raise RuntimeError(f"Input batch size {input.size(0)} doesn't match hidden0 batch size {state.size(0)}")
            if state.size(1) != self.hidden_size:
                raise RuntimeError(
                    f'hidden0 has inconsistent hidden_size: got {state.size(1)}, expected {self.hidden_size}'
                )
            ready.append(state)
        return input, ready, single

    def extra_repr(self):
        text = f'{self.input_size}, {self.hidden_size}'
        if self.bias is not True:
            text += f', bias={self.bias}'
        return text


class RNNCell(RNNCellBase):
    def __init__(self, input_size, hidden_size, bias=True, nonlinearity='tanh', device=None, dtype=None):
        super().__init__(input_size, hidden_size, bias, 1, device, dtype)
        self.nonlinearity = nonlinearity

    def forward(self, input, hx=None):
        input, (hx,), single = self._batched(input, [hx])
        gates = F.linear(input, self.weight_ih, self.bias_ih) + F.linear(hx, self.weight_hh, self.bias_hh)
        if self.nonlinearity == 'tanh':
            result = torch.tanh(gates)
        elif self.nonlinearity == 'relu':
            result = torch.relu(gates)
        else:
            raise RuntimeError(f'Unknown nonlinearity: {self.nonlinearity}')
        return result.squeeze(0) if single else result

    def extra_repr(self):
        text = super().extra_repr()
        if self.nonlinearity != 'tanh':
            text += f', nonlinearity={self.nonlinearity}'
        return text


class LSTMCell(RNNCellBase):
    def __init__(self, input_size, hidden_size, bias=True, device=None, dtype=None):
        super().__init__(input_size, hidden_size, bias, 4, device, dtype)

    def forward(self, input, hx=None):
        input, (h, c), single = self._batched(input, (None, None) if hx is None else hx)
        gates = F.linear(h, self.weight_hh, self.bias_hh) + F.linear(input, self.weight_ih, self.bias_ih)
        h, c = _lstm(gates, c)
        return (h.squeeze(0), c.squeeze(0)) if single else (h, c)


class GRUCell(RNNCellBase):
    def __init__(self, input_size, hidden_size, bias=True, device=None, dtype=None):
        super().__init__(input_size, hidden_size, bias, 3, device, dtype)

    def forward(self, input, hx=None):
        input, (hx,), single = self._batched(input, [hx])
        result = _gru(
            F.linear(input, self.weight_ih, self.bias_ih), F.linear(hx, self.weight_hh, self.bias_hh), hx
        )
        return result.squeeze(0) if single else result
