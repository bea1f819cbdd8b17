"""Weights that are set to zero and stay so: a mask beside each."""
import torch


class BasePruningMethod:
    _tensor_name = None
    PRUNING_TYPE = 'unstructured'

    def __call__(self, module, inputs):
        setattr(module, self._tensor_name, self.apply_mask(module))

    def compute_mask(self, t, default_mask):
        raise NotImplementedError

    def apply_mask(self, module):
        name = self._tensor_name
        mask = getattr(module, name + '_mask')
        original = getattr(module, name + '_orig')
        return mask.to(original.dtype) * original

    @classmethod
    def apply(cls, module, name, *args, importance_scores=None, **kwargs):
        return _applied(cls(*args, **kwargs), module, name, importance_scores)

    def prune(self, t, default_mask=None, importance_scores=None):
        default_mask = torch.ones_like(t) if default_mask is None else default_mask
        scores = t if importance_scores is None else importance_scores
        return t * self.compute_mask(scores, default_mask)

    def remove(self, module):
        name = self._tensor_name
        value = self.apply_mask(module)
        delattr(module, name)
        original = module._parameters[name + '_orig']
        original.data = value.data
        del module._parameters[name + '_orig']
        del module._buffers[name + '_mask']
        module.register_parameter(name, original)


def _applied(method, module, name, importance_scores=None):
    method._tensor_name = name
    first = name in module._parameters
    default = torch.ones_like(module._parameters[name]) if first else getattr(module, name + '_mask').clone()
    scores = getattr(module, name) if importance_scores is None else importance_scores
    if scores.shape != default.shape:
        raise AssertionError('importance_scores should have the same shape as parameter ' + name + f' of {module}')
    if first:
        original = module._parameters.pop(name)
        module.register_parameter(name + '_orig', original)
        mask = method.compute_mask(scores.detach(), default)
        module.register_buffer(name + '_mask', mask)
    else:
        original = getattr(module, name + '_orig')
        mask = _further(method, scores.detach(), default)
        setattr(module, name + '_mask', mask)
        for key, hook in list(module._forward_pre_hooks.items()):
            if isinstance(hook, BasePruningMethod) and hook._tensor_name == name:
                del module._forward_pre_hooks[key]
    setattr(module, name, method.apply_mask(module))
    module.register_forward_pre_hook(method)
    return method


def _further(method, scores, default):
    """The mask of a method applied to what the masks before it have left."""
    if method.PRUNING_TYPE == 'global':
        return method.compute_mask(scores, default)
    if method.PRUNING_TYPE == 'structured':
        dim = method.dim % scores.dim()
        others = [d for d in range(scores.dim()) if d != dim]
        kept = (default.sum(others) != 0).nonzero().squeeze(1)
        part = method.compute_mask(scores.index_select(dim, kept), default.index_select(dim, kept))
        return default.index_copy(dim, kept, part)
    kept = default == 1
    mask = default.clone()
    mask[kept] = method.compute_mask(scores[kept], default[kept]).to(mask.dtype)
    return mask


def _checked_amount(amount):
    if isinstance(amount, bool) or not isinstance(amount, (int, float)):
        raise TypeError(f'Invalid type for amount: {amount}. Must be int or float.')
    if isinstance(amount, int) and amount < 0 or isinstance(amount, float) and not 0.0 <= amount <= 1.0:
        raise ValueError(f'amount={amount} should either be a float in the range [0, 1] or a non-negative integer')


def _count(amount, size):
    if isinstance(amount, int):
        if amount > size:
            raise ValueError(f'amount={amount} should be smaller than the number of parameters to prune={size}')
        return amount
    return round(amount * size)


class Identity(BasePruningMethod):
    def compute_mask(self, t, default_mask):
        return default_mask


class CustomFromMask(BasePruningMethod):
    PRUNING_TYPE = 'global'

    def __init__(self, mask):
        self.mask = mask

    def compute_mask(self, t, default_mask):
        return default_mask * self.mask.to(default_mask.dtype)


class _ByAmount(BasePruningMethod):
    def __init__(self, amount):
        _checked_amount(amount)
        self.amount = amount


class RandomUnstructured(_ByAmount):
    def compute_mask(self, t, default_mask):
        count = _count(self.amount, t.nelement())
        mask = default_mask.clone()
        if count > 0:
            chosen = torch.topk(torch.rand_like(t).view(-1), k=count)
            mask.view(-1)[chosen.indices] = 0
        return mask


class L1Unstructured(_ByAmount):
    def compute_mask(self, t, default_mask):
        count = _count(self.amount, t.nelement())
        mask = default_mask.clone()
        if count > 0:
            chosen = torch.topk(t.abs().view(-1), k=count, largest=False)
            mask.view(-1)[chosen.indices] = 0
        return mask


class _Structured(_ByAmount):
    PRUNING_TYPE = 'structured'

    def __init__(self, amount, dim=-1):
        super().__init__(amount)
        self.dim = dim

    def compute_mask(self, t, default_mask):
        if t.dim() <= 1:
            raise ValueError(
                'Structured pruning can only be applied to multidimensional tensors. Found tensor of shape '
                f'{t.shape} with {t.dim()} dims'
            )
        size = t.shape[self.dim]
        count = _count(self.amount, size)
        if count == 0:
            return default_mask
        kept = torch.topk(self._scores(t, size), k=size - count, largest=True)
        mask = torch.zeros_like(t).index_fill_(self.dim % t.dim(), kept.indices, 1)
        return mask * default_mask.to(mask.dtype)


class RandomStructured(_Structured):
    def _scores(self, t, size):
        return torch.rand(size)


class LnStructured(_Structured):
    def __init__(self, amount, n, dim=-1):
        super().__init__(amount, dim)
        self.n = n

    def _scores(self, t, size):
        others = [d for d in range(t.dim()) if d != self.dim % t.dim()]
        return torch.linalg.vector_norm(t, ord=float(self.n), dim=others)


def identity(module, name):
    Identity.apply(module, name)
    return module


def random_unstructured(module, name, amount):
    RandomUnstructured.apply(module, name, amount)
    return module


def l1_unstructured(module, name, amount, importance_scores=None):
    L1Unstructured.apply(module, name, amount, importance_scores=importance_scores)
    return module


def random_structured(module, name, amount, dim):
    RandomStructured.apply(module, name, amount, dim)
    return module


def ln_structured(module, name, amount, n, dim, importance_scores=None):
    LnStructured.apply(module, name, amount, n, dim, importance_scores=importance_scores)
    return module


def custom_from_mask(module, name, mask):
    CustomFromMask.apply(module, name, mask)
    return module


def global_unstructured(parameters, pruning_method, importance_scores=None, **kwargs):
    scores = {} if importance_scores is None else importance_scores
    values = [scores.get((module, name), getattr(module, name)).detach() for module, name in parameters]
    masks = [
        getattr(module, name + '_mask') if hasattr(module, name + '_mask') else torch.ones_like(getattr(module, name))
        for module, name in parameters
    ]
    method = pruning_method(**kwargs)
    whole = torch.cat([mask.reshape(-1) for mask in masks])
    found = _further(method, torch.cat([value.reshape(-1) for value in values]), whole)
    for (module, name), part, mask in zip(parameters, found.split([mask.numel() for mask in masks]), masks):
        custom_from_mask(module, name, part.view_as(mask))


def remove(module, name):
    for key, hook in list(module._forward_pre_hooks.items()):
        if isinstance(hook, BasePruningMethod) and hook._tensor_name == name:
            hook.remove(module)
            del module._forward_pre_hooks[key]
            return module
    raise ValueError(f"Parameter '{name}' of module {module} has to be pruned before pruning can be removed")


def is_pruned(module):
    return any(
        isinstance(hook, BasePruningMethod) for each in module.modules() for hook in each._forward_pre_hooks.values()
    )
