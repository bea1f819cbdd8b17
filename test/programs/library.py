"""Runs the recorded programs with the library's modules in place of PyTorch's own, on PyTorch's tensors.

    python3 test/programs/library.py [name ...]

Needs the release of PyTorch that the programs were recorded with.
"""
import contextlib
import importlib.abc
import importlib.machinery
import importlib.util
import io
import json
import pathlib
import sys
import warnings

import torch

here = pathlib.Path(__file__).parent
sources = here.parent.parent / 'src/language/torch/library'
# What adds to the host's functions, or stands in for machinery of PyTorch's own, is nothing without the host.
replaced = ('torch.nn', 'torch.optim', 'torch.distributions', 'torch.utils.data', 'torch.utils.fields', 'torch.autograd.functional')
extensions = ('torch.nn.functional', 'torch.nn.ctc', 'torch.nn.utils.stateless')
ours = {
    path.stem: path for path in sources.glob('*.py')
    if path.stem not in extensions and any(path.stem == name or path.stem.startswith(name + '.') for name in replaced)
}


class Finder(importlib.abc.MetaPathFinder):
    def find_spec(self, name, path, target=None):
        if name == 'torch.nn.modules':
            return importlib.machinery.ModuleSpec(name, None, is_package=True)
        if name not in ours:
            return None
        package = any(other.startswith(name + '.') for other in ours) or name in ('torch.nn', 'torch.optim')
        return importlib.util.spec_from_file_location(
            name, ours[name], submodule_search_locations=[] if package else None
        )


def install():
    """Replaces the modules; gives PyTorch's own by name."""
    import torch.autograd.functional
    import torch.nn.utils
    import torch.optim.lr_scheduler
    import torch.utils.data

    real = {name: module for name, module in sys.modules.items() if name.split('.')[0] == 'torch'}
    sys.meta_path.insert(0, Finder())
    for name in list(sys.modules):
        if name in ours or name == 'torch.nn.modules' or name.startswith(('torch.optim.', 'torch.nn.modules.')):
            if name not in ('torch', 'torch.utils'):
                del sys.modules[name]
    # What the host gives the module comes before its own text.
    for name in sorted(ours, key=lambda name: (name != 'torch.nn', name)):
        if name == 'torch.utils':
            continue
        parent, _, last = name.rpartition('.')
        if name in sys.modules:
            continue
        spec = Finder().find_spec(name, None)
        module = importlib.util.module_from_spec(spec)
        sys.modules[name] = module
        if name == 'torch.nn':
            module.functional = real['torch.nn.functional']
            module.parameter = real['torch.nn.parameter']
        spec.loader.exec_module(module)
        setattr(sys.modules[parent], last, module)
    return real


def run(source):
    out = io.StringIO()
    torch.manual_seed(0)
    with contextlib.redirect_stdout(out), warnings.catch_warnings():
        warnings.simplefilter('ignore')
        try:
            exec(compile(source, 'program', 'exec'), {'__name__': '__main__'})
        except Exception as error:
            out.write(f'!! {type(error).__name__}: {error}\n')
    return out.getvalue()


def main(names):
    recorded = json.loads((here / 'recorded.json').read_text())['programs']
    install()
    used = ('nn.', 'import nn', 'optim', 'utils.data', 'functional', 'torch.func')
    failed = 0
    count = 0
    for name, record in recorded.items():
        source = (here / f'{name}.py').read_text()
        if names and name not in names or not any(word in source for word in used):
            continue
        count += 1
        got = run(source)
        want = record['stdout']
        if 'exception' in record:
            got, _, error = got.rpartition('!! ')
            if not error:
                print(f'{name}: no exception')
        if got != want:
            failed += 1
            print(f'== {name}\n-- wanted\n{want}-- got\n{got}')
    print(f'{count - failed} of {count} programs print what was recorded')
    return failed > 0


if __name__ == '__main__':
    sys.exit(main(sys.argv[1:]))
