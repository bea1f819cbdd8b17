"""Averages of weights over the steps of a training."""
import copy
import math

import torch
from torch.nn.modules.module import Module
from torch.optim.lr_scheduler import LRScheduler, _for_groups


def get_ema_multi_avg_fn(decay=0.999):
    average = get_ema_avg_fn(decay)

    def update(averaged, current, num_averaged):
        with torch.no_grad():
            for old, new in zip(averaged, current):
                old.copy_(average(old, new, num_averaged))

    return update


def get_swa_multi_avg_fn():
    average = get_swa_avg_fn()

    def update(averaged, current, num_averaged):
        with torch.no_grad():
            for old, new in zip(averaged, current):
                old.copy_(average(old, new, num_averaged))

    return update


def get_ema_avg_fn(decay=0.999):
    if decay < 0.0 or decay > 1.0:
        raise ValueError(f'Invalid decay value {decay} provided. Please provide a value in [0,1] range.')

    def average(averaged, current, num_averaged):
        with torch.no_grad():
            return decay * averaged + (1 - decay) * current

    return average


def get_swa_avg_fn():
    def average(averaged, current, num_averaged):
        with torch.no_grad():
            return averaged + (current - averaged) / (num_averaged + 1)

    return average


class AveragedModel(Module):
    def __init__(self, model, device=None, avg_fn=None, multi_avg_fn=None, use_buffers=False):
        super().__init__()
        if avg_fn is not None and multi_avg_fn is not None:
            raise AssertionError('Only one of avg_fn and multi_avg_fn should be provided')
        self.module = copy.deepcopy(model)
        self.register_buffer('n_averaged', torch.tensor(0, dtype=torch.long))
        self.avg_fn = avg_fn
        self.multi_avg_fn = multi_avg_fn
        self.use_buffers = use_buffers

    def forward(self, *args, **kwargs):
        return self.module(*args, **kwargs)

    def _averaged(self, model):
        found = list(model.parameters())
        return found + list(model.buffers()) if self.use_buffers else found

    def update_parameters(self, model):
        own = [value.detach() for value in self._averaged(self.module)]
        new = [value.detach() for value in self._averaged(model)]
        count = int(self.n_averaged)
        if count == 0:
            for old, value in zip(own, new):
                old.copy_(value)
        elif self.multi_avg_fn is not None:
            self.multi_avg_fn(own, new, self.n_averaged)
        else:
            average = get_swa_avg_fn() if self.avg_fn is None else self.avg_fn
            for old, value in zip(own, new):
                if old.is_floating_point() or self.avg_fn is not None:
                    old.copy_(average(old, value, self.n_averaged))
                else:
                    old.copy_(value)
        if not self.use_buffers:
            for old, value in zip(self.module.buffers(), model.buffers()):
                old.detach().copy_(value.detach())
        self.n_averaged += 1


def update_bn(loader, model, device=None):
    with torch.no_grad():
        norms = {}
        for module in model.modules():
            if hasattr(module, 'running_mean') and hasattr(module, 'momentum'):
                module.reset_running_stats()
                norms[module] = module.momentum
        if len(norms) == 0:
            return
        was_training = model.training
        model.train()
        for module in norms:
            module.momentum = None
        for input in loader:
            if isinstance(input, (list, tuple)):
                input = input[0]
            model(input)
        for module, momentum in norms.items():
            module.momentum = momentum
        model.train(was_training)


class SWALR(LRScheduler):
    def __init__(self, optimizer, swa_lr, anneal_epochs=10, anneal_strategy='cos', last_epoch=-1):
        for group, lr in zip(optimizer.param_groups, _for_groups(swa_lr, optimizer.param_groups, 'swa_lr')):
            group['swa_lr'] = lr
        if anneal_strategy not in ('cos', 'linear'):
            raise ValueError(f"anneal_strategy must be one of 'cos' or 'linear', instead got {anneal_strategy}")
        if not isinstance(anneal_epochs, int) or anneal_epochs < 0:
            raise ValueError(f'anneal_epochs must be equal or greater than 0, got {anneal_epochs}')
        self._anneal_strategy = anneal_strategy
        self.anneal_epochs = anneal_epochs
        super().__init__(optimizer, last_epoch)

    def _alpha(self, step):
        t = max(0.0, min(1.0, step / max(1, self.anneal_epochs)))
        return t if self._anneal_strategy == 'linear' else (1 - math.cos(math.pi * t)) / 2

    def get_lr(self):
        step = self._step_count - 1
        if self.anneal_epochs == 0:
            step = max(1, step)
        before, now = self._alpha(step - 1), self._alpha(step)
        values = []
        for group in self.optimizer.param_groups:
            swa_lr, lr = group['swa_lr'], group['lr']
            first = swa_lr if before == 1 else (lr - before * swa_lr) / (1 - before)
            values.append(swa_lr * now + first * (1 - now))
        return values
