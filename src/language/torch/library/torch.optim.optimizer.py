"""Optimizer: parameters in groups, and the state that each of them has."""
from collections import defaultdict

import torch

Tensor = torch.Tensor


class _Required:
    def __repr__(self):
        return '<required parameter>'


required = _Required()


def _typename(value):
    if isinstance(value, Tensor):
        return value.type()
    return type(value).__name__


def check_betas(betas):
    for index, beta in enumerate(betas):
        if not 0.0 <= beta < 1.0:
            raise ValueError(f'Invalid beta parameter at index {index}: {beta}')


def count_step(state):
    """Counts a step in the state of a parameter, and gives the number of it."""
    state['step'].add_(1)
    return state['step'].item()


class _HookHandle:
    def __init__(self, hooks, hook):
        self.hooks = hooks
        self.hook = hook

    def remove(self):
        if self.hook in self.hooks:
            self.hooks.remove(self.hook)


class Optimizer:
    def __init__(self, params, defaults):
        self.defaults = defaults
        self._step_pre_hooks = []
        self._step_post_hooks = []
        if isinstance(params, Tensor):
            raise TypeError(
                'params argument given to the optimizer should be an iterable of Tensors or dicts, but got '
                + _typename(params)
            )
        self.state = defaultdict(dict)
        self.param_groups = []
        groups = list(params)
        if len(groups) == 0:
            raise ValueError('optimizer got an empty parameter list')
        if not isinstance(groups[0], dict):
            groups = [{'params': groups}]
        for group in groups:
            self.add_param_group(group)

    def __repr__(self):
        text = type(self).__name__ + ' ('
        for index, group in enumerate(self.param_groups):
            text += f'\nParameter Group {index}\n'
            for key in sorted(group.keys()):
                if key not in ('params', 'param_names'):
                    text += f'    {key}: {group[key]}\n'
        return text + ')'

    def add_param_group(self, param_group):
        if not isinstance(param_group, dict):
            raise TypeError(f'param_group must be a dict, but got {type(param_group)}')
        params = param_group['params']
        if isinstance(params, Tensor):
            params = [params]
        elif isinstance(params, set):
            raise TypeError(
                'optimizer parameters need to be organized in ordered collections, but the ordering of tensors in '
                'sets will change between runs. Please use a list instead.'
            )
        else:
            params = list(params)
        names = []
        plain = []
        for param in params:
            if isinstance(param, tuple):
                names.append(param[0])
                plain.append(param[1])
            else:
                plain.append(param)
        if 0 < len(names) < len(plain):
            raise ValueError('all optimizer params should be with/without names. Some param names are missing')
        param_group['params'] = plain
        if len(names) > 0:
            param_group['param_names'] = names
        for param in plain:
            if not isinstance(param, Tensor):
                raise TypeError('optimizer can only optimize Tensors, but one of the params is ' + _typename(param))
            if not (param.is_leaf or param.retains_grad):
                raise ValueError("can't optimize a non-leaf Tensor")
        for name, default in self.defaults.items():
            if default is required and name not in param_group:
                raise ValueError(f"parameter group didn't specify a value of required optimization parameter {name}")
            param_group.setdefault(name, default)
        known = set()
        for group in self.param_groups:
            known.update(group['params'])
        if not known.isdisjoint(set(plain)):
            raise ValueError('some parameters appear in more than one parameter group')
        self.param_groups.append(param_group)

    def zero_grad(self, set_to_none=True):
        for group in self.param_groups:
            for param in group['params']:
                if param.grad is None:
                    continue
                if set_to_none:
                    param.grad = None
                else:
                    if param.grad.grad_fn is not None:
                        param.grad.detach_()
                    else:
                        param.grad.requires_grad_(False)
                    param.grad.zero_()

    def step(self, closure=None):
        for hook in list(self._step_pre_hooks):
            hook(self, (closure,), {})
        loss = None
        if closure is not None:
            with torch.enable_grad():
                loss = closure()
        with torch.no_grad():
            for group in self.param_groups:
                maximize = group.get('maximize', False)
                for param in group['params']:
                    grad = param.grad
                    if grad is not None:
                        self._update(group, param, -grad if maximize else grad)
        for hook in list(self._step_post_hooks):
            hook(self, (closure,), {})
        return loss

    def _update(self, group, param, grad):
        """One step of one parameter; each optimizer has its own."""
        raise NotImplementedError

    def register_step_pre_hook(self, hook):
        self._step_pre_hooks.append(hook)
        return _HookHandle(self._step_pre_hooks, hook)

    def register_step_post_hook(self, hook):
        self._step_post_hooks.append(hook)
        return _HookHandle(self._step_post_hooks, hook)

    def state_dict(self):
        positions = {}
        groups = []
        for group in self.param_groups:
            packed = {key: value for key, value in group.items() if key != 'params'}
            for param in group['params']:
                positions.setdefault(param, len(positions))
            packed['params'] = [positions[param] for param in group['params']]
            groups.append(packed)
        state = {positions.get(param, param): value for param, value in self.state.items()}
        return {'state': state, 'param_groups': groups}

    def load_state_dict(self, state_dict):
        saved = state_dict['param_groups']
        if len(saved) != len(self.param_groups):
            raise ValueError('loaded state dict has a different number of parameter groups')
        for group, old in zip(self.param_groups, saved):
            if len(group['params']) != len(old['params']):
                raise ValueError(
                    "loaded state dict contains a parameter group that doesn't match the size of optimizer's group"
                )
        params = {}
        for group, old in zip(self.param_groups, saved):
            for position, param in zip(old['params'], group['params']):
                params[position] = param
        state = defaultdict(dict)
        for key, value in state_dict['state'].items():
            if key in params:
                state[params[key]] = _fitted(params[key], value)
            else:
                state[key] = value
        self.state = state
        groups = []
        for group, old in zip(self.param_groups, saved):
            merged = {key: value for key, value in old.items()}
            merged['params'] = group['params']
            groups.append(merged)
        self.param_groups = groups


def _fitted(param, values):
    """The state of a parameter with its dtype."""
    result = {}
    for name, value in values.items():
        if isinstance(value, Tensor) and name != 'step' and param.is_floating_point():
            value = value.to(param.dtype)
        elif isinstance(value, list):
            value = [each.to(param.dtype) if isinstance(each, Tensor) else each for each in value]
        result[name] = value
    return result
