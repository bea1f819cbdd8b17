"""Optimizers with a step size for each element, and averaged descent."""
import torch
from torch.optim.optimizer import Optimizer, count_step


def _check_lr(lr):
    if not 0.0 <= lr:
        raise ValueError(f'Invalid learning rate: {lr}')


def _check_value(name, value):
    if not 0.0 <= value:
        raise ValueError(f'Invalid {name} value: {value}')


class RMSprop(Optimizer):
    def __init__(
        self, params, lr=0.01, alpha=0.99, eps=1e-08, weight_decay=0, momentum=0, centered=False, capturable=False,
        foreach=None, maximize=False, differentiable=False,
    ):
        _check_lr(lr)
        _check_value('epsilon', eps)
        _check_value('momentum', momentum)
        _check_value('weight_decay', weight_decay)
        _check_value('alpha', alpha)
        super().__init__(params, dict(
            lr=lr, momentum=momentum, alpha=alpha, eps=eps, centered=centered, weight_decay=weight_decay,
            capturable=capturable, foreach=foreach, maximize=maximize, differentiable=differentiable,
        ))

    def _update(self, group, param, grad):
        state = self.state[param]
        if len(state) == 0:
            state['step'] = torch.tensor(0.0, dtype=torch.float32)
            state['square_avg'] = torch.zeros_like(param)
            if group['momentum'] > 0:
                state['momentum_buffer'] = torch.zeros_like(param)
            if group['centered']:
                state['grad_avg'] = torch.zeros_like(param)
        alpha = group['alpha']
        count_step(state)
        if group['weight_decay'] != 0:
            grad = grad.add(param, alpha=group['weight_decay'])
        square_avg = state['square_avg']
        square_avg.mul_(alpha).addcmul_(grad, grad, value=1 - alpha)
        if group['centered']:
            grad_avg = state['grad_avg']
            grad_avg.lerp_(grad, 1 - alpha)
            average = square_avg.addcmul(grad_avg, grad_avg, value=-1).sqrt_()
        else:
            average = square_avg.sqrt()
        average.add_(group['eps'])
        if group['momentum'] > 0:
            buffer = state['momentum_buffer']
            buffer.mul_(group['momentum']).addcdiv_(grad, average)
            param.add_(buffer, alpha=-group['lr'])
        else:
            param.addcdiv_(grad, average, value=-group['lr'])


class Adagrad(Optimizer):
    def __init__(
        self, params, lr=0.01, lr_decay=0, weight_decay=0, initial_accumulator_value=0, eps=1e-10, foreach=None, *,
        maximize=False, differentiable=False, fused=None,
    ):
        _check_lr(lr)
        _check_value('lr_decay', lr_decay)
        _check_value('weight_decay', weight_decay)
        if not 0.0 <= initial_accumulator_value:
            raise ValueError(f'Invalid initial_accumulator_value value: {initial_accumulator_value}')
        _check_value('epsilon', eps)
        super().__init__(params, dict(
            lr=lr, lr_decay=lr_decay, eps=eps, weight_decay=weight_decay,
            initial_accumulator_value=initial_accumulator_value, foreach=foreach, maximize=maximize,
            differentiable=differentiable, fused=fused,
        ))
        for group in self.param_groups:
            for param in group['params']:
                self.state[param]['step'] = torch.tensor(0.0, dtype=torch.float32)
                self.state[param]['sum'] = torch.full_like(param, initial_accumulator_value)

    def _update(self, group, param, grad):
        state = self.state[param]
        step = count_step(state)
        if group['weight_decay'] != 0:
            grad = grad.add(param, alpha=group['weight_decay'])
        rate = group['lr'] / (1 + (step - 1) * group['lr_decay'])
        state['sum'].addcmul_(grad, grad, value=1)
        param.addcdiv_(grad, state['sum'].sqrt().add_(group['eps']), value=-rate)


class Adadelta(Optimizer):
    def __init__(
        self, params, lr=1.0, rho=0.9, eps=1e-06, weight_decay=0, foreach=None, *, capturable=False, maximize=False,
        differentiable=False,
    ):
        _check_lr(lr)
        if not 0.0 <= rho <= 1.0:
            raise ValueError(f'Invalid rho value: {rho}')
        _check_value('epsilon', eps)
        _check_value('weight_decay', weight_decay)
        super().__init__(params, dict(
            lr=lr, rho=rho, eps=eps, weight_decay=weight_decay, maximize=maximize, capturable=capturable,
            foreach=foreach, differentiable=differentiable,
        ))

    def _update(self, group, param, grad):
        state = self.state[param]
        if len(state) == 0:
            state['step'] = torch.tensor(0.0, dtype=torch.float32)
            state['square_avg'] = torch.zeros_like(param)
            state['acc_delta'] = torch.zeros_like(param)
        rho, eps = group['rho'], group['eps']
        count_step(state)
        if group['weight_decay'] != 0:
            grad = grad.add(param, alpha=group['weight_decay'])
        square_avg, acc_delta = state['square_avg'], state['acc_delta']
        square_avg.mul_(rho).addcmul_(grad, grad, value=1 - rho)
        std = square_avg.add(eps).sqrt_()
        delta = acc_delta.add(eps).sqrt_().div_(std).mul_(grad)
        acc_delta.mul_(rho).addcmul_(delta, delta, value=1 - rho)
        param.add_(delta, alpha=-group['lr'])


class Rprop(Optimizer):
    def __init__(
        self, params, lr=0.01, etas=(0.5, 1.2), step_sizes=(1e-06, 50), *, capturable=False, foreach=None,
        maximize=False, differentiable=False,
    ):
        _check_lr(lr)
        if not 0.0 < etas[0] < 1.0 < etas[1]:
            raise ValueError(f'Invalid eta values: {etas[0]}, {etas[1]}')
        super().__init__(params, dict(
            lr=lr, etas=etas, step_sizes=step_sizes, foreach=foreach, maximize=maximize,
            differentiable=differentiable, capturable=capturable,
        ))

    def _update(self, group, param, grad):
        state = self.state[param]
        if len(state) == 0:
            state['step'] = torch.tensor(0.0, dtype=torch.float32)
            state['prev'] = torch.zeros_like(param)
            state['step_size'] = torch.full_like(grad, group['lr'])
        less, more = group['etas']
        smallest, largest = group['step_sizes']
        count_step(state)
        turn = grad.mul(state['prev'])
        factor = torch.ones_like(turn).masked_fill_(turn > 0, more).masked_fill_(turn < 0, less)
        state['step_size'].mul_(factor).clamp_(smallest, largest)
        grad = grad.masked_fill(turn < 0, 0)
        param.addcmul_(grad.sign(), state['step_size'], value=-1)
        state['prev'].copy_(grad)


class ASGD(Optimizer):
    def __init__(
        self, params, lr=0.01, lambd=0.0001, alpha=0.75, t0=1000000.0, weight_decay=0, foreach=None, maximize=False,
        differentiable=False, capturable=False,
    ):
        _check_lr(lr)
        _check_value('weight_decay', weight_decay)
        super().__init__(params, dict(
            lr=lr, lambd=lambd, alpha=alpha, t0=t0, weight_decay=weight_decay, foreach=foreach, maximize=maximize,
            differentiable=differentiable, capturable=capturable,
        ))

    def _update(self, group, param, grad):
        state = self.state[param]
        if len(state) == 0:
            state['step'] = torch.tensor(0.0, dtype=torch.float32)
            state['eta'] = torch.tensor(float(group['lr']), dtype=torch.float32)
            state['mu'] = torch.tensor(1.0, dtype=torch.float32)
            state['ax'] = torch.zeros_like(param)
        lambd, lr = group['lambd'], group['lr']
        step = count_step(state)
        if group['weight_decay'] != 0:
            grad = grad.add(param, alpha=group['weight_decay'])
        eta = state['eta'].item()
        mu = state['mu'].item()
        param.mul_(1 - lambd * eta)
        param.add_(grad, alpha=-eta)
        ax = state['ax']
        if mu != 1:
            ax.add_(param.sub(ax).mul_(mu))
        else:
            ax.copy_(param)
        state['eta'].fill_(lr / ((1 + lambd * lr * step) ** group['alpha']))
        state['mu'].fill_(1 / max(1, step - group['t0']))
