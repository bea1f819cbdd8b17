"""Modules as functions of their parameters and buffers."""
import torch


def _owners(module):
    """Where each parameter and buffer is kept: by its name, the dict and the name in that."""
    found = {}
    for prefix, owner in module.named_modules(None, '', False):
        start = prefix + '.' if prefix else ''
        for held in (owner._parameters, owner._buffers):
            for name, value in held.items():
                if value is not None:
                    found[start + name] = (held, name)
    return found


def _tied(owners):
    """Names of one and the same tensor, by each of them."""
    groups = {}
    for name, (held, key) in owners.items():
        groups.setdefault(held[key], []).append(name)
    return {name: group for group in groups.values() for name in group}


def functional_call(module, parameter_and_buffer_dicts, args=None, kwargs=None, *, tie_weights=True, strict=False):
    if isinstance(parameter_and_buffer_dicts, dict):
        given = parameter_and_buffer_dicts
    elif isinstance(parameter_and_buffer_dicts, (list, tuple)):
        given = {}
        twice = []
        for part in parameter_and_buffer_dicts:
            if not isinstance(part, dict):
                raise ValueError('Expected all elements of parameter_and_buffer_dicts to be dictionaries')
            twice += [name for name in part if name in given]
            given.update(part)
        if len(twice) > 0:
            raise ValueError(f'{twice} appeared in multiple dictionaries; behavior of functional call is ambiguous')
    else:
        raise ValueError(
            'Expected parameter_and_buffer_dicts to be a dict, or a list/tuple of dicts, but got '
            f'{type(parameter_and_buffer_dicts)}'
        )
    if not isinstance(module, torch.nn.Module):
        raise TypeError(f'{module} is not an instance of torch.nn.Module')
    owners = _owners(module)
    if strict:
        _check(module, owners, given)
    replaced = dict(given)
    if tie_weights:
        groups = _tied(owners)
        for name, value in given.items():
            for other in groups.get(name, []):
                replaced.setdefault(other, value)
    args = () if args is None else args if isinstance(args, tuple) else (args,)
    before = []
    try:
        for name, value in replaced.items():
            if name in owners:
                held, key = owners[name]
                before.append((held, key, held[key]))
                held[key] = value
        return module(*args, **({} if kwargs is None else kwargs))
    finally:
        for held, key, value in reversed(before):
            held[key] = value


def _check(module, owners, given):
    unexpected = sorted(name for name in given if name not in owners)
    missing = sorted(name for name in owners if name not in given)
    text = ''
    if len(unexpected) > 0:
        text += '\n\tUnexpected key(s): ' + ', '.join(repr(name) for name in unexpected) + '.'
    if len(missing) > 0:
        text += '\n\tMissing key(s): ' + ', '.join(repr(name) for name in missing) + '.'
    if text:
        raise RuntimeError(f'Error(s) in reparametrizing for {type(module).__name__}:{text}')


def stack_module_state(models):
    if len(models) == 0:
        raise RuntimeError('stack_module_state: Expected at least one model, got 0.')
    if any(type(model) is not type(models[0]) for model in models):
        raise RuntimeError('stack_module_state: Expected all models to be of the same class.')
    if any(model.training != models[0].training for model in models):
        raise RuntimeError('stack_module_state: Expected all models to have the same training/eval mode.')
    params = _stacked([dict(model.named_parameters()) for model in models])
    buffers = _stacked([dict(model.named_buffers()) for model in models])
    return params, buffers


def _stacked(states):
    found = {}
    for name in states[0]:
        values = [state[name] for state in states]
        requires_grad = values[0].requires_grad
        if any(value.requires_grad != requires_grad for value in values):
            raise RuntimeError(f'Expected {name} from each model to have the same .requires_grad')
        found[name] = torch.stack([value.detach() for value in values]).requires_grad_(requires_grad)
    return found
