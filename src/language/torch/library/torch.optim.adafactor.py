"""Adafactor."""
import torch
from torch.optim.optimizer import Optimizer, count_step


class Adafactor(Optimizer):
    def __init__(
        self, params, lr=0.01, beta2_decay=-0.8, eps=(None, 0.001), d=1.0, weight_decay=0.0, *, foreach=None,
        maximize=False,
    ):
        if not 0.0 <= lr:
            raise ValueError(f'Learning rate should be >= 0 but is: {lr}')
        if not 0.0 >= beta2_decay:
            raise ValueError(f'beta2_decay should be <= 0 but is: {beta2_decay}')
        if eps[0] is not None and not 0.0 <= eps[0]:
            raise ValueError(f'epsilon1 should be >= 0 but is: {eps[0]}')
        if not 0.0 <= eps[1]:
            raise ValueError(f'epsilon2 should be >= 0 but is: {eps[1]}')
        if not 1.0 <= d:
            raise ValueError(f'Clipping threshold d should be >= 1 but is: {d}')
        if not 0.0 <= weight_decay:
            raise ValueError(f'weight_decay should be >= 0 but is: {weight_decay}')
        super().__init__(params, dict(
            lr=lr, beta2_decay=beta2_decay, eps=eps, d=d, weight_decay=weight_decay, foreach=foreach,
            maximize=maximize,
        ))

    def _update(self, group, param, grad):
        state = self.state[param]
        if len(state) == 0:
            state['step'] = torch.tensor(0.0, dtype=torch.float32)
            if grad.dim() > 1:
                rows, columns = list(grad.shape), list(grad.shape)
                rows[-1] = columns[-2] = 1
                state['row_var'] = torch.zeros(rows, dtype=grad.dtype)
                state['col_var'] = torch.zeros(columns, dtype=grad.dtype)
            else:
                state['variance'] = torch.zeros_like(grad)
        step = count_step(state)
        least, scale = group['eps']
        if least is None:
            least = 2.0**-52 if param.dtype == torch.float64 else 2.0**-23
        fresh = step ** group['beta2_decay']
        root = param.numel() ** 0.5
        alpha = max(scale, param.norm(2).item() / root) * min(group['lr'], 1 / step**0.5)
        if group['weight_decay'] != 0:
            param.mul_(1 - group['lr'] * group['weight_decay'])
        if grad.dim() > 1:
            row, column = state['row_var'], state['col_var']
            row.lerp_(grad.norm(dim=-1, keepdim=True).square().div(grad.size(-1)), fresh)
            column.lerp_(grad.norm(dim=-2, keepdim=True).square().div(grad.size(-2)), fresh)
            variance = (row @ column).div(row.mean(dim=-2, keepdim=True).clamp(min=least))
        else:
            state['variance'].lerp_(grad.square(), fresh)
            variance = state['variance'].clone()
        update = variance.clamp(min=least * least).rsqrt() * grad
        param.add_(update, alpha=-alpha / max(1.0, update.norm(2).item() / (root * group['d'])))
