"""Functions of layers that change what they are given, beside those of the host."""
import torch

_host_batch_norm = batch_norm
_host_instance_norm = instance_norm


def _track(running_mean, running_var, mean, var, momentum):
    """Moves running statistics towards those of a batch, which are float64."""
    if running_mean is not None:
        running_mean.copy_(running_mean.double() * (1 - momentum) + mean * momentum)
    if running_var is not None:
        running_var.copy_(running_var.double() * (1 - momentum) + var * momentum)


def _kept(running, training):
    """What the host may keep of running statistics that are about to change."""
    return running.detach().clone() if training and running is not None else running


def batch_norm(
    input, running_mean, running_var, weight=None, bias=None, training=False, momentum=0.1, eps=1e-05
):
    result = _host_batch_norm(
        input, _kept(running_mean, training), _kept(running_var, training), weight, bias, training, momentum, eps
    )
    if training and (running_mean is not None or running_var is not None):
        with torch.no_grad():
            flat = input.detach().double().transpose(0, 1).reshape(input.size(1), -1)
            _track(running_mean, running_var, flat.mean(1), flat.var(1), momentum)
    return result


def instance_norm(
    input, running_mean=None, running_var=None, weight=None, bias=None, use_input_stats=True, momentum=0.1, eps=1e-05
):
    result = _host_instance_norm(
        input, _kept(running_mean, use_input_stats), _kept(running_var, use_input_stats), weight, bias,
        use_input_stats, momentum, eps,
    )
    if use_input_stats and (running_mean is not None or running_var is not None):
        with torch.no_grad():
            flat = input.detach().double().reshape(input.size(0), input.size(1), -1)
            _track(running_mean, running_var, flat.mean(2).mean(0), flat.var(2).mean(0), momentum)
    return result


def gumbel_softmax(logits, tau=1, hard=False, eps=1e-10, dim=-1):
    noise = -torch.empty_like(logits).exponential_().log()
    soft = ((logits + noise) / tau).softmax(dim)
    if not hard:
        return soft
    place = soft.max(dim, keepdim=True)[1]
    ones = torch.zeros_like(logits).scatter_(dim, place, 1.0)
    return ones - soft.detach() + soft


def affine_grid(theta, size, align_corners=None):
    if not theta.is_floating_point():
        raise ValueError(f'Expected theta to have floating point type, but got {theta.dtype}')
    dims = len(size) - 2
    if dims not in (2, 3):
        raise NotImplementedError(
            f'affine_grid only supports 4D and 5D sizes, for 2D and 3D affine transforms, respectively. Got size {torch.Size(size)}'
        )
    if theta.dim() != 3 or tuple(theta.shape[-2:]) != (dims, dims + 1):
        raise ValueError(
            f'Expected a batch of {dims}D affine matrices of shape Nx{dims}x{dims + 1} for size {torch.Size(size)}. '
            f'Got {theta.shape}.'
        )
    axes = []
    for count in size[2:]:
        axis = torch.linspace(-1, 1, count, dtype=theta.dtype) if count > 1 else torch.zeros(1, dtype=theta.dtype)
        axes.append(axis if align_corners else axis * (count - 1) / count)
    places = torch.meshgrid(*axes, indexing='ij')
    base = torch.stack(list(reversed(places)) + [torch.ones_like(places[0])], -1).reshape(-1, dims + 1)
    return base.expand(theta.size(0), -1, -1).bmm(theta.transpose(1, 2)).view((size[0],) + tuple(size[2:]) + (dims,))


def ctc_loss(
    log_probs, targets, input_lengths, target_lengths, blank=0, reduction='mean', zero_infinity=False
):
    from torch.nn import ctc

    return ctc.ctc_loss(log_probs, targets, input_lengths, target_lengths, blank, reduction, zero_infinity)
