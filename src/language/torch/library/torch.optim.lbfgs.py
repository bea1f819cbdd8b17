"""L-BFGS, with a line search after strong Wolfe's conditions."""
import torch
from torch.optim.optimizer import Optimizer


def _cubic(x1, f1, g1, x2, f2, g2, bounds=None):
    """Where the cubic through two points with these slopes is least."""
    low, high = bounds if bounds is not None else ((x1, x2) if x1 <= x2 else (x2, x1))
    d1 = g1 + g2 - 3 * (f1 - f2) / (x1 - x2)
    square = d1**2 - g1 * g2
    if square < 0:
        return (low + high) / 2.0
    d2 = square.sqrt()
    if x1 <= x2:
        least = x2 - (x2 - x1) * ((g2 + d2 - d1) / (g2 - g1 + 2 * d2))
    else:
        least = x1 - (x1 - x2) * ((g1 + d2 - d1) / (g1 - g2 + 2 * d2))
    return min(max(least, low), high)


def _strong_wolfe(evaluate, x, t, d, f, g, gtd, c1=1e-4, c2=0.9, tolerance_change=1e-9, max_ls=25):
    d_norm = d.abs().max()
    g = g.clone()
    f_new, g_new = evaluate(x, t, d)
    evals = 1
    gtd_new = g_new.dot(d)
    t_prev, f_prev, g_prev, gtd_prev = 0, f, g, gtd
    done = False
    steps = 0
    bracket = None
    while steps < max_ls:
        if f_new > (f + c1 * t * gtd) or (steps > 1 and f_new >= f_prev):
            bracket = [t_prev, t]
            bracket_f = [f_prev, f_new]
            bracket_g = [g_prev, g_new.clone()]
            bracket_gtd = [gtd_prev, gtd_new]
            break
        if abs(gtd_new) <= -c2 * gtd:
            bracket = [t]
            bracket_f = [f_new]
            bracket_g = [g_new]
            done = True
            break
        if gtd_new >= 0:
            bracket = [t_prev, t]
            bracket_f = [f_prev, f_new]
            bracket_g = [g_prev, g_new.clone()]
            bracket_gtd = [gtd_prev, gtd_new]
            break
        min_step = t + 0.01 * (t - t_prev)
        max_step = t * 10
        before = t
        t = _cubic(t_prev, f_prev, gtd_prev, t, f_new, gtd_new, (min_step, max_step))
        t_prev, f_prev, g_prev, gtd_prev = before, f_new, g_new.clone(), gtd_new
        f_new, g_new = evaluate(x, t, d)
        evals += 1
        gtd_new = g_new.dot(d)
        steps += 1
    if bracket is None:
        bracket = [0, t]
        bracket_f = [f, f_new]
        bracket_g = [g, g_new]
        bracket_gtd = [gtd, gtd_new]
    stuck = False
    low, high = (0, 1) if bracket_f[0] <= bracket_f[-1] else (1, 0)
    while not done and steps < max_ls:
        if abs(bracket[1] - bracket[0]) * d_norm < tolerance_change:
            break
        t = _cubic(
            bracket[0], bracket_f[0], bracket_gtd[0], bracket[1], bracket_f[1], bracket_gtd[1]
        )
        eps = 0.1 * (max(bracket) - min(bracket))
        if min(max(bracket) - t, t - min(bracket)) < eps:
            if stuck or t >= max(bracket) or t <= min(bracket):
                if abs(t - max(bracket)) < abs(t - min(bracket)):
                    t = max(bracket) - eps
                else:
                    t = min(bracket) + eps
                stuck = False
            else:
                stuck = True
        else:
            stuck = False
        f_new, g_new = evaluate(x, t, d)
        evals += 1
        gtd_new = g_new.dot(d)
        steps += 1
        if f_new > (f + c1 * t * gtd) or f_new >= bracket_f[low]:
            bracket[high] = t
            bracket_f[high] = f_new
            bracket_g[high] = g_new.clone()
            bracket_gtd[high] = gtd_new
            low, high = (0, 1) if bracket_f[0] <= bracket_f[1] else (1, 0)
        else:
            if abs(gtd_new) <= -c2 * gtd:
                done = True
            elif gtd_new * (bracket[high] - bracket[low]) >= 0:
                bracket[high] = bracket[low]
                bracket_f[high] = bracket_f[low]
                bracket_g[high] = bracket_g[low]
                bracket_gtd[high] = bracket_gtd[low]
            bracket[low] = t
            bracket_f[low] = f_new
            bracket_g[low] = g_new.clone()
            bracket_gtd[low] = gtd_new
    if len(bracket) == 1:
        low = 0
    return bracket_f[low], bracket_g[low], bracket[low], evals


class LBFGS(Optimizer):
    def __init__(
        self, params, lr=1, max_iter=20, max_eval=None, tolerance_grad=1e-07, tolerance_change=1e-09,
        history_size=100, line_search_fn=None,
    ):
        if not 0.0 <= lr:
            raise ValueError(f'Invalid learning rate: {lr}')
        if max_eval is None:
            max_eval = max_iter * 5 // 4
        super().__init__(params, dict(
            lr=lr, max_iter=max_iter, max_eval=max_eval, tolerance_grad=tolerance_grad,
            tolerance_change=tolerance_change, history_size=history_size, line_search_fn=line_search_fn,
        ))
        if len(self.param_groups) != 1:
            raise ValueError("LBFGS doesn't support per-parameter options (parameter groups)")
        self._params = self.param_groups[0]['params']

    def _gradient(self):
        views = []
        for param in self._params:
            if param.grad is None:
                views.append(torch.zeros(param.numel(), dtype=param.dtype))
            else:
                views.append(param.grad.reshape(-1))
        return torch.cat(views, 0)

    def _move(self, t, direction):
        start = 0
        for param in self._params:
            count = param.numel()
            param.add_(direction[start:start + count].view_as(param), alpha=float(t))
            start += count

    def _copies(self):
        return [param.clone() for param in self._params]

    def _restore(self, copies):
        for param, copy in zip(self._params, copies):
            param.copy_(copy)

    def step(self, closure):
        with torch.no_grad():
            return self._minimize(closure)

    def _minimize(self, closure):
        def measured():
            with torch.enable_grad():
                return closure()

        def evaluate(x, t, direction):
            self._move(t, direction)
            loss = float(measured())
            gradient = self._gradient()
            self._restore(x)
            return loss, gradient

        group = self.param_groups[0]
        lr = group['lr']
        max_iter, max_eval = group['max_iter'], group['max_eval']
        tolerance_grad, tolerance_change = group['tolerance_grad'], group['tolerance_change']
        history_size = group['history_size']
        search = group['line_search_fn']
        state = self.state[self._params[0]]
        state.setdefault('func_evals', 0)
        state.setdefault('n_iter', 0)
        first_loss = measured()
        loss = float(first_loss)
        evals = 1
        state['func_evals'] += 1
        gradient = self._gradient()
        if gradient.abs().max() <= tolerance_grad:
            return first_loss
        d, t = state.get('d'), state.get('t')
        old_dirs, old_stps, ro = state.get('old_dirs'), state.get('old_stps'), state.get('ro')
        diagonal = state.get('H_diag')
        previous, previous_loss = state.get('prev_flat_grad'), state.get('prev_loss')
        iterations = 0
        while iterations < max_iter:
            iterations += 1
            state['n_iter'] += 1
            if state['n_iter'] == 1:
                d = gradient.neg()
                old_dirs, old_stps, ro = [], [], []
                diagonal = 1
            else:
                y = gradient.sub(previous)
                s = d.mul(t)
                ys = y.dot(s)
                if ys > 1e-10:
                    if len(old_dirs) == history_size:
                        old_dirs.pop(0)
                        old_stps.pop(0)
                        ro.pop(0)
                    old_dirs.append(y)
                    old_stps.append(s)
                    ro.append(1.0 / ys)
                    diagonal = ys / y.dot(y)
                count = len(old_dirs)
                alphas = state.setdefault('al', [None] * history_size)
                q = gradient.neg()
                for index in range(count - 1, -1, -1):
                    alphas[index] = old_stps[index].dot(q) * ro[index]
                    q.add_(old_dirs[index], alpha=-alphas[index].item())
                d = torch.mul(q, diagonal)
                for index in range(count):
                    beta = old_dirs[index].dot(d) * ro[index]
                    d.add_(old_stps[index], alpha=(alphas[index] - beta).item())
            if previous is None:
                previous = gradient.clone()
            else:
                previous.copy_(gradient)
            previous_loss = loss
            if state['n_iter'] == 1:
                t = min(1.0, 1.0 / gradient.abs().sum()) * lr
            else:
                t = lr
            slope = gradient.dot(d)
            if slope > -tolerance_change:
                break
            used = 0
            if search is not None:
                if search != 'strong_wolfe':
                    raise RuntimeError("only 'strong_wolfe' is supported")
                loss, gradient, t, used = _strong_wolfe(evaluate, self._copies(), t, d, loss, gradient, slope)
                self._move(t, d)
                small = gradient.abs().max() <= tolerance_grad
            else:
                self._move(t, d)
                small = False
                if iterations != max_iter:
                    loss = float(measured())
                    gradient = self._gradient()
                    small = gradient.abs().max() <= tolerance_grad
                    used = 1
            evals += used
            state['func_evals'] += used
            if iterations == max_iter or evals >= max_eval or small:
                break
            if d.mul(t).abs().max() <= tolerance_change:
                break
            if abs(loss - previous_loss) < tolerance_change:
                break
        state['d'] = d
        state['t'] = t
        state['old_dirs'] = old_dirs
        state['old_stps'] = old_stps
        state['ro'] = ro
        state['H_diag'] = diagonal
        state['prev_flat_grad'] = previous
        state['prev_loss'] = previous_loss
        return first_loss
