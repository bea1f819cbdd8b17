"""Adam and its kin."""
import torch
from torch.optim._steps import adam_step
from torch.optim.optimizer import Optimizer, check_betas, count_step


def _check(lr, eps, betas, weight_decay):
    if not 0.0 <= lr:
        raise ValueError(f'Invalid learning rate: {lr}')
    if not 0.0 <= eps:
        raise ValueError(f'Invalid epsilon value: {eps}')
    check_betas(betas)
    if not 0.0 <= weight_decay:
        raise ValueError(f'Invalid weight_decay value: {weight_decay}')


def _begun(state, param, names):
    """The state of a parameter, made at its first step."""
    if len(state) == 0:
        state['step'] = torch.tensor(0.0, dtype=torch.float32)
        for name in names:
            state[name] = torch.zeros_like(param)
    return state


def _decayed(group, param, grad):
    """The gradient with the decay of weights in it, unless that is apart from it: then the weights are smaller."""
    if group['weight_decay'] == 0:
        return grad
    if group.get('decoupled_weight_decay', False):
        param.mul_(1 - group['lr'] * group['weight_decay'])
        return grad
    return grad.add(param, alpha=group['weight_decay'])


def _moments(state, grad, betas):
    """The averages of the gradient and of its square, moved towards them."""
    beta1, beta2 = betas
    state['exp_avg'].lerp_(grad, 1 - beta1)
    state['exp_avg_sq'].mul_(beta2).addcmul_(grad, grad, value=1 - beta2)
    return state['exp_avg'], state['exp_avg_sq']


class Adam(Optimizer):
    def __init__(
        self, params, lr=0.001, betas=(0.9, 0.999), eps=1e-08, weight_decay=0, amsgrad=False, *, foreach=None,
        maximize=False, capturable=False, differentiable=False, fused=None, decoupled_weight_decay=False,
    ):
        _check(lr, eps, betas, weight_decay)
        super().__init__(params, dict(
            lr=lr, betas=betas, eps=eps, weight_decay=weight_decay, amsgrad=amsgrad, maximize=maximize,
            foreach=foreach, capturable=capturable, differentiable=differentiable, fused=fused,
            decoupled_weight_decay=decoupled_weight_decay,
        ))

    def _update(self, group, param, grad):
        names = ['exp_avg', 'exp_avg_sq'] + (['max_exp_avg_sq'] if group['amsgrad'] else [])
        state = _begun(self.state[param], param, names)
        beta1, beta2 = group['betas']
        lr = group['lr']
        step = count_step(state)
        grad = _decayed(group, param, grad)
        step_size = lr / (1 - beta1**step)
        correction = (1 - beta2**step) ** 0.5
        if not group['amsgrad'] and adam_step(
            param, grad, state['exp_avg'], state['exp_avg_sq'], 1 - beta1, beta2, correction, group['eps'], step_size
        ):
            return
        exp_avg, exp_avg_sq = _moments(state, grad, group['betas'])
        if group['amsgrad']:
            state['max_exp_avg_sq'].copy_(torch.maximum(state['max_exp_avg_sq'], exp_avg_sq))
            exp_avg_sq = state['max_exp_avg_sq']
        denom = (exp_avg_sq.sqrt() / correction).add_(group['eps'])
        param.addcdiv_(exp_avg, denom, value=-step_size)


class AdamW(Adam):
    def __init__(
        self, params, lr=0.001, betas=(0.9, 0.999), eps=1e-08, weight_decay=0.01, amsgrad=False, *, maximize=False,
        foreach=None, capturable=False, differentiable=False, fused=None,
    ):
        super().__init__(
            params, lr, betas, eps, weight_decay, amsgrad, foreach=foreach, maximize=maximize, capturable=capturable,
            differentiable=differentiable, fused=fused, decoupled_weight_decay=True,
        )


class Adamax(Optimizer):
    def __init__(
        self, params, lr=0.002, betas=(0.9, 0.999), eps=1e-08, weight_decay=0, foreach=None, *, maximize=False,
        differentiable=False, capturable=False,
    ):
        _check(lr, eps, betas, weight_decay)
        super().__init__(params, dict(
            lr=lr, betas=betas, eps=eps, weight_decay=weight_decay, foreach=foreach, maximize=maximize,
            differentiable=differentiable, capturable=capturable,
        ))

    def _update(self, group, param, grad):
        state = _begun(self.state[param], param, ['exp_avg', 'exp_inf'])
        beta1, beta2 = group['betas']
        step = count_step(state)
        grad = _decayed(group, param, grad)
        exp_avg, exp_inf = state['exp_avg'], state['exp_inf']
        exp_avg.lerp_(grad, 1 - beta1)
        exp_inf.copy_(torch.maximum(exp_inf.mul_(beta2), grad.abs().add_(group['eps'])))
        param.addcdiv_(exp_avg, exp_inf, value=-(group['lr'] / (1 - beta1**step)))


class NAdam(Optimizer):
    def __init__(
        self, params, lr=0.002, betas=(0.9, 0.999), eps=1e-08, weight_decay=0, momentum_decay=0.004,
        decoupled_weight_decay=False, *, foreach=None, maximize=False, capturable=False, differentiable=False,
    ):
        _check(lr, eps, betas, weight_decay)
        if not 0.0 <= momentum_decay:
            raise ValueError(f'Invalid momentum_decay value: {momentum_decay}')
        super().__init__(params, dict(
            lr=lr, betas=betas, eps=eps, weight_decay=weight_decay, momentum_decay=momentum_decay,
            decoupled_weight_decay=decoupled_weight_decay, maximize=maximize, foreach=foreach, capturable=capturable,
            differentiable=differentiable,
        ))

    def _update(self, group, param, grad):
        state = self.state[param]
        if len(state) == 0:
            state['step'] = torch.tensor(0.0, dtype=torch.float32)
            state['mu_product'] = torch.tensor(1.0, dtype=torch.float32)
            state['exp_avg'] = torch.zeros_like(param)
            state['exp_avg_sq'] = torch.zeros_like(param)
        beta1, beta2 = group['betas']
        lr = group['lr']
        step = count_step(state)
        grad = _decayed(group, param, grad)
        mu = beta1 * (1.0 - 0.5 * (0.96 ** (step * group['momentum_decay'])))
        mu_next = beta1 * (1.0 - 0.5 * (0.96 ** ((step + 1) * group['momentum_decay'])))
        state['mu_product'].mul_(mu)
        product = state['mu_product'].item()
        exp_avg, exp_avg_sq = _moments(state, grad, group['betas'])
        denom = exp_avg_sq.div(1 - beta2**step).sqrt().add_(group['eps'])
        param.addcdiv_(grad, denom, value=(-lr * (1.0 - mu) / (1.0 - product)))
        param.addcdiv_(exp_avg, denom, value=(-lr * mu_next) / (1.0 - product * mu_next))


class RAdam(Optimizer):
    def __init__(
        self, params, lr=0.001, betas=(0.9, 0.999), eps=1e-08, weight_decay=0, decoupled_weight_decay=False, *,
        foreach=None, maximize=False, capturable=False, differentiable=False,
    ):
        _check(lr, eps, betas, weight_decay)
        super().__init__(params, dict(
            lr=lr, betas=betas, eps=eps, weight_decay=weight_decay, maximize=maximize, foreach=foreach,
            capturable=capturable, decoupled_weight_decay=decoupled_weight_decay, differentiable=differentiable,
        ))

    def _update(self, group, param, grad):
        state = _begun(self.state[param], param, ['exp_avg', 'exp_avg_sq'])
        beta1, beta2 = group['betas']
        lr = group['lr']
        step = count_step(state)
        grad = _decayed(group, param, grad)
        exp_avg, exp_avg_sq = _moments(state, grad, group['betas'])
        correction2 = 1 - beta2**step
        corrected = exp_avg / (1 - beta1**step)
        rho_inf = 2 / (1 - beta2) - 1
        rho = rho_inf - 2 * step * (beta2**step) / correction2
        if rho > 5.0:
            rect = ((rho - 4) * (rho - 2) * rho_inf / ((rho_inf - 4) * (rho_inf - 2) * rho)) ** 0.5
            adaptive = (correction2**0.5) / exp_avg_sq.sqrt().add_(group['eps'])
            param.add_(corrected * lr * adaptive * rect, alpha=-1.0)
        else:
            param.add_(corrected * lr, alpha=-1.0)
