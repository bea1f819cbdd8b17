"""Module: the base of all layers, with their parameters, buffers, hooks and printing."""
from collections import OrderedDict

import torch
from torch.nn.parameter import Parameter
from torch.utils.fields import Fields

Tensor = torch.Tensor


class RemovableHandle:
    def __init__(self, hooks, key):
        self.hooks = hooks
        self.id = key

    def remove(self):
        if self.id in self.hooks:
            del self.hooks[self.id]

    def __enter__(self):
        return self

    def __exit__(self, type, value, traceback):
        self.remove()


def _add_hook(hooks, hook, prepend=False):
    key = max(hooks) + 1 if len(hooks) > 0 else 0
    if prepend:
        rest = list(hooks.items())
        hooks.clear()
        hooks[key] = hook
        hooks.update(rest)
    else:
        hooks[key] = hook
    return RemovableHandle(hooks, key)


class _IncompatibleKeys(Fields):
    _fields = ('missing_keys', 'unexpected_keys')

    def __init__(self, missing_keys, unexpected_keys):
        self.missing_keys = missing_keys
        self.unexpected_keys = unexpected_keys

    def __repr__(self):
        if not self.missing_keys and not self.unexpected_keys:
            return '<All keys matched successfully>'
        return super().__repr__()


def _tuple(value):
    return value if isinstance(value, tuple) else (value,)


def _typename(value):
    if isinstance(value, Tensor):
        return 'torch.FloatTensor' if value.dtype == torch.float32 else 'torch.Tensor'
    return type(value).__name__


def _indent(text, spaces=2):
    first, *rest = text.split('\n')
    return '\n'.join([first] + [' ' * spaces + line for line in rest])


class Module:
    dump_patches = False
    call_super_init = False

    def __init__(self, *args, **kwargs):
        if len(kwargs) > 0:
            raise TypeError(
                f"{type(self).__name__}.__init__() got an unexpected keyword argument '{next(iter(kwargs))}'"
            )
        if len(args) > 0:
            raise TypeError(
                f'{type(self).__name__}.__init__() takes 1 positional argument but {len(args) + 1} were given'
            )
        store = super().__setattr__
        store('training', True)
        store('_parameters', {})
        store('_buffers', {})
        store('_non_persistent_buffers_set', set())
        store('_modules', {})
        store('_forward_hooks', OrderedDict())
        store('_forward_hook_kinds', {})
        store('_forward_pre_hooks', OrderedDict())
        store('_forward_pre_hook_kinds', {})
        store('_backward_hooks', OrderedDict())
        store('_backward_pre_hooks', OrderedDict())

    def forward(self, *args, **kwargs):
        raise NotImplementedError(f'Module [{type(self).__name__}] is missing the required "forward" function')

    def __call__(self, *args, **kwargs):
        if not (self._forward_hooks or self._forward_pre_hooks or self._backward_hooks or self._backward_pre_hooks):
            return self.forward(*args, **kwargs)
        return self._call_hooked(args, kwargs)

    def _call_hooked(self, args, kwargs):
        for key, hook in list(self._forward_pre_hooks.items()):
            if self._forward_pre_hook_kinds.get(key):
                result = hook(self, args, kwargs)
                if result is not None:
                    if not (isinstance(result, tuple) and len(result) == 2):
                        raise RuntimeError(
                            f'forward pre-hook must return None or a tuple of (new_args, new_kwargs), but got {result}.'
                        )
                    args, kwargs = result
            else:
                result = hook(self, args)
                if result is not None:
                    args = _tuple(result)
        backward = None
        if self._backward_hooks or self._backward_pre_hooks:
            # Only programs with such hooks need functions of their own.
            from torch.nn.modules.backward_hooks import BackwardHooks

            backward = BackwardHooks(self)
            args = backward.begin(args)
        result = self.forward(*args, **kwargs)
        for key, hook in list(self._forward_hooks.items()):
            if self._forward_hook_kinds.get(key):
                changed = hook(self, args, kwargs, result)
            else:
                changed = hook(self, args, result)
            if changed is not None:
                result = changed
        if backward is not None:
            result = backward.end(result)
        return result

    # What a module holds.

    def __setattr__(self, name, value):
        held = self._held()
        if held is not None and 'parametrizations' in held[2] and name in held[2]['parametrizations']:
            held[2]['parametrizations'][name].right_inverse(value)
            return
        if isinstance(value, Parameter):
            self._require(name, '_parameters', 'parameters')
            self._forget(name, '_parameters')
            self.register_parameter(name, value)
            return
        if isinstance(value, Module):
            self._require(name, '_modules', 'module')
            self._forget(name, '_modules')
            self._modules[name] = value
            return
        if held is not None:
            parameters, buffers, modules = held
            if name in parameters:
                if value is not None:
                    raise TypeError(
                        f"cannot assign '{_typename(value)}' as parameter '{name}' "
                        '(torch.nn.Parameter or None expected)'
                    )
                parameters[name] = None
                return
            if name in modules:
                if value is not None:
                    raise TypeError(
                        f"cannot assign '{_typename(value)}' as child module '{name}' "
                        '(torch.nn.Module or None expected)'
                    )
                modules[name] = None
                return
            if name in buffers:
                if value is not None and not isinstance(value, Tensor):
                    raise TypeError(
                        f"cannot assign '{_typename(value)}' as buffer '{name}' "
                        '(torch.nn.Buffer, torch.Tensor or None expected)'
                    )
                buffers[name] = value
                return
        super().__setattr__(name, value)

    def _held(self):
        if not hasattr(self, '_modules'):
            return None
        return self._parameters, self._buffers, self._modules

    def _require(self, name, kind, what):
        if not hasattr(self, kind):
            raise AttributeError(f'cannot assign {what} before Module.__init__() call')

    def _forget(self, name, kind):
        """A name is a parameter, a buffer, a module or a plain attribute, never two of them."""
        for other in ('_parameters', '_buffers', '_modules'):
            if other != kind:
                getattr(self, other).pop(name, None)
        if not (name in self._parameters or name in self._modules) and hasattr(self, name):
            try:
                super().__delattr__(name)
            except AttributeError:
                pass
        self._non_persistent_buffers_set.discard(name)

    def __getattr__(self, name):
        if name not in ('_parameters', '_buffers', '_modules') and hasattr(self, '_modules'):
            if name in self._parameters:
                return self._parameters[name]
            if name in self._buffers:
                return self._buffers[name]
            if name in self._modules:
                return self._modules[name]
            if 'parametrizations' in self._modules and name in self._modules['parametrizations']:
                return self._modules['parametrizations'][name]()
        raise AttributeError(f"'{type(self).__name__}' object has no attribute '{name}'")

    def __delattr__(self, name):
        if name in self._parameters:
            del self._parameters[name]
        elif name in self._buffers:
            del self._buffers[name]
            self._non_persistent_buffers_set.discard(name)
        elif name in self._modules:
            del self._modules[name]
        else:
            super().__delattr__(name)

    def register_parameter(self, name, param):
        if not hasattr(self, '_parameters'):
            raise AttributeError('cannot assign parameter before Module.__init__() call')
        self._check_name(name, 'parameter')
        if name not in self._parameters and hasattr(self, name):
            raise KeyError(f"attribute '{name}' already exists")
        if param is not None and not isinstance(param, Parameter):
            raise TypeError(
                f"cannot assign '{_typename(param)}' object to parameter '{name}' "
                '(torch.nn.Parameter or None required)'
            )
        if param is not None and param.grad_fn is not None:
            raise ValueError(
                f"Cannot assign non-leaf Tensor to parameter '{name}'. Model parameters must be created "
                f"explicitly. To express '{name}' as a function of another Tensor, compute the value in "
                'the forward() method.'
            )
        self._parameters[name] = param

    def register_buffer(self, name, tensor, persistent=True):
        if not hasattr(self, '_buffers'):
            raise AttributeError('cannot assign buffer before Module.__init__() call')
        self._check_name(name, 'buffer')
        if name not in self._buffers and hasattr(self, name):
            raise KeyError(f"attribute '{name}' already exists")
        if tensor is not None and not isinstance(tensor, Tensor):
            raise TypeError(
                f"cannot assign '{_typename(tensor)}' object to buffer '{name}' (torch Tensor or None required)"
            )
        self._buffers[name] = tensor
        if persistent:
            self._non_persistent_buffers_set.discard(name)
        else:
            self._non_persistent_buffers_set.add(name)

    def add_module(self, name, module):
        if module is not None and not isinstance(module, Module):
            raise TypeError(f'{_typename(module)} is not a Module subclass')
        self._check_name(name, 'module')
        if name not in self._modules and hasattr(self, name):
            raise KeyError(f"attribute '{name}' already exists")
        self._modules[name] = module

    def register_module(self, name, module):
        self.add_module(name, module)

    def _check_name(self, name, what):
        if not isinstance(name, str):
            raise TypeError(f'{what} name should be a string. Got {_typename(name)}')
        if '.' in name:
            raise KeyError(
                f'module name can\'t contain ".", got: {name}'
                if what == 'module'
                else f'{what} name can\'t contain "."'
            )
        if name == '':
            raise KeyError(
                'module name can\'t be empty string ""' if what == 'module' else f'{what} name can\'t be empty string ""'
            )

    def get_submodule(self, target):
        module = self
        if target == '':
            return module
        for name in target.split('.'):
            if not hasattr(module, name):
                raise AttributeError(f'{type(module).__name__} has no attribute `{name}`')
            module = getattr(module, name)
            if not isinstance(module, Module):
                raise AttributeError(f'`{name}` is not an nn.Module')
        return module

    def _get_in_submodule(self, target):
        path, _, name = target.rpartition('.')
        module = self.get_submodule(path)
        if not hasattr(module, name):
            raise AttributeError(f'{type(module).__name__} has no attribute `{name}`')
        return getattr(module, name)

    def get_parameter(self, target):
        value = self._get_in_submodule(target)
        if not isinstance(value, Parameter):
            raise AttributeError(f'`{target.rpartition(".")[2]}` is not an nn.Parameter')
        return value

    def get_buffer(self, target):
        return self._get_in_submodule(target)

    # Walks.

    def named_modules(self, memo=None, prefix='', remove_duplicate=True):
        if memo is None:
            memo = set()
        if self in memo:
            return
        if remove_duplicate:
            memo.add(self)
        yield prefix, self
        for name, module in self._modules.items():
            if module is None:
                continue
            inner = prefix + ('.' if prefix else '') + name
            for found in module.named_modules(memo, inner, remove_duplicate):
                yield found

    def modules(self):
        for _, module in self.named_modules():
            yield module

    def named_children(self):
        memo = set()
        for name, module in self._modules.items():
            if module is not None and module not in memo:
                memo.add(module)
                yield name, module

    def children(self):
        for _, module in self.named_children():
            yield module

    def _named_members(self, members, prefix, recurse, remove_duplicate):
        memo = set()
        owners = self.named_modules(None, prefix, remove_duplicate) if recurse else [(prefix, self)]
        for owner, module in owners:
            for name, value in members(module):
                if value is None or value in memo:
                    continue
                if remove_duplicate:
                    memo.add(value)
                yield owner + ('.' if owner else '') + name, value

    def named_parameters(self, prefix='', recurse=True, remove_duplicate=True):
        return self._named_members(
            lambda module: list(module._parameters.items()), prefix, recurse, remove_duplicate
        )

    def parameters(self, recurse=True):
        for _, parameter in self.named_parameters('', recurse):
            yield parameter

    def named_buffers(self, prefix='', recurse=True, remove_duplicate=True):
        return self._named_members(lambda module: list(module._buffers.items()), prefix, recurse, remove_duplicate)

    def buffers(self, recurse=True):
        for _, buffer in self.named_buffers('', recurse):
            yield buffer

    # State.

    def state_dict(self, *args, destination=None, prefix='', keep_vars=False):
        if len(args) > 0:
            destination = args[0]
        if destination is None:
            destination = OrderedDict()
        for name, value in self._parameters.items():
            if value is not None:
                destination[prefix + name] = value if keep_vars else value.detach()
        for name, value in self._buffers.items():
            if value is not None and name not in self._non_persistent_buffers_set:
                destination[prefix + name] = value if keep_vars else value.detach()
        for name, module in self._modules.items():
            if module is not None:
                module.state_dict(destination=destination, prefix=prefix + name + '.', keep_vars=keep_vars)
        return destination

    def load_state_dict(self, state_dict, strict=True, assign=False):
        try:
            state = dict(state_dict)
        except TypeError:
            raise TypeError(f'Expected state_dict to be dict-like, got {type(state_dict)}.')
        missing = []
        unexpected = []
        errors = []
        self._load(state, '', assign, missing, unexpected, errors)
        if strict:
            if len(unexpected) > 0:
                names = ', '.join(f'"{name}"' for name in unexpected)
                errors.insert(0, f'Unexpected key(s) in state_dict: {names}. ')
            if len(missing) > 0:
                names = ', '.join(f'"{name}"' for name in missing)
                errors.insert(0, f'Missing key(s) in state_dict: {names}. ')
        if len(errors) > 0:
            raise RuntimeError(
                f'Error(s) in loading state_dict for {type(self).__name__}:\n\t' + '\n\t'.join(errors)
            )
        return _IncompatibleKeys(missing, unexpected)

    def _load(self, state, prefix, assign, missing, unexpected, errors):
        local = {name: value for name, value in self._parameters.items() if value is not None}
        for name, value in self._buffers.items():
            if value is not None and name not in self._non_persistent_buffers_set:
                local[name] = value
        for name, value in local.items():
            key = prefix + name
            if key not in state:
                missing.append(key)
                continue
            given = state[key]
            if not isinstance(given, Tensor):
                errors.append(
                    f'While copying the parameter named "{key}", expected torch.Tensor or Tensor-like object '
                    f'from checkpoint but received {type(given)}'
                )
                continue
            if value.dim() == 0 and given.dim() == 1:
                given = given[0]
            if tuple(given.shape) != tuple(value.shape):
                errors.append(
                    f'size mismatch for {key}: copying a param with shape {given.shape} from checkpoint, '
                    f'the shape in current model is {value.shape}.'
                )
                continue
            if assign:
                if isinstance(value, Parameter) and not isinstance(given, Parameter):
                    given = Parameter(given, requires_grad=value.requires_grad)
                setattr(self, name, given)
            else:
                with torch.no_grad():
                    value.copy_(given)
        for key in state:
            if key.startswith(prefix):
                rest = key[len(prefix):]
                head = rest.split('.')[0]
                if head not in self._modules and rest not in local:
                    unexpected.append(key)
        for name, module in self._modules.items():
            if module is not None:
                inner = prefix + name + '.'
                part = {key: value for key, value in state.items() if key.startswith(inner)}
                module._load(part, inner, assign, missing, unexpected, errors)

    def train(self, mode=True):
        if not isinstance(mode, bool):
            raise ValueError('training mode is expected to be boolean')
        self.training = mode
        for module in self.children():
            module.train(mode)
        return self

    def eval(self):
        return self.train(False)

    def requires_grad_(self, requires_grad=True):
        for parameter in self.parameters():
            parameter.requires_grad_(requires_grad)
        return self

    def zero_grad(self, set_to_none=True):
        for parameter in self.parameters():
            if parameter.grad is not None:
                if set_to_none:
                    parameter.grad = None
                else:
                    if parameter.grad.grad_fn is not None:
                        parameter.grad.detach_()
                    else:
                        parameter.grad.requires_grad_(False)
                    parameter.grad.zero_()

    def apply(self, fn):
        for module in self.children():
            module.apply(fn)
        fn(self)
        return self

    def _apply(self, fn):
        for module in self.children():
            module._apply(fn)
        for name, parameter in self._parameters.items():
            if parameter is None:
                continue
            with torch.no_grad():
                parameter.data = fn(parameter.data)
                if parameter.grad is not None:
                    grad = fn(parameter.grad.data)
                    parameter.grad = None
                    parameter.grad = grad
        for name, buffer in list(self._buffers.items()):
            if buffer is not None:
                self._buffers[name] = fn(buffer)
        return self

    def to(self, *args, dtype=None, device=None, non_blocking=False, memory_format=None):
        for value in args:
            if isinstance(value, Tensor):
                dtype = value.dtype
            elif isinstance(value, torch.dtype):
                dtype = value
            elif isinstance(value, str) or isinstance(value, torch.device):
                device = value
        if dtype is not None and not dtype.is_floating_point:
            raise TypeError(
                f'nn.Module.to only accepts floating point or complex dtypes, but got desired dtype={dtype}'
            )
        if device is not None:
            torch.empty(0, device=device)
        if dtype is None:
            return self
        return self._apply(lambda value: value.to(dtype) if value.is_floating_point() else value)

    def type(self, dst_type):
        return self._apply(lambda value: value.to(dst_type))

    def float(self):
        return self.to(torch.float32)

    def double(self):
        return self.to(torch.float64)

    def half(self):
        return self.to(torch.float16)

    def bfloat16(self):
        return self.to(torch.bfloat16)

    def cpu(self):
        return self

    def share_memory(self):
        return self

    # Hooks.

    def register_forward_pre_hook(self, hook, *, prepend=False, with_kwargs=False):
        handle = _add_hook(self._forward_pre_hooks, hook, prepend)
        self._forward_pre_hook_kinds[handle.id] = with_kwargs
        return handle

    def register_forward_hook(self, hook, *, prepend=False, with_kwargs=False, always_call=False):
        handle = _add_hook(self._forward_hooks, hook, prepend)
        self._forward_hook_kinds[handle.id] = with_kwargs
        return handle

    def register_full_backward_hook(self, hook, prepend=False):
        return _add_hook(self._backward_hooks, hook, prepend)

    def register_backward_hook(self, hook):
        return _add_hook(self._backward_hooks, hook)

    def register_full_backward_pre_hook(self, hook, prepend=False):
        return _add_hook(self._backward_pre_hooks, hook, prepend)

    # Printing.

    def _get_name(self):
        return ('Parametrized' if 'parametrizations' in self._modules else '') + type(self).__name__

    def extra_repr(self):
        return ''

    def __repr__(self):
        extra = self.extra_repr()
        extra_lines = extra.split('\n') if extra else []
        child_lines = [f'({name}): ' + _indent(repr(module)) for name, module in self._modules.items()]
        text = self._get_name() + '('
        if len(extra_lines) + len(child_lines) > 0:
            if len(extra_lines) == 1 and len(child_lines) == 0:
                text += extra_lines[0]
            else:
                text += '\n  ' + '\n  '.join(extra_lines + child_lines) + '\n'
        return text + ')'
