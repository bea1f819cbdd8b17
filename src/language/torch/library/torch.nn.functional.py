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
