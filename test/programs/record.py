"""Records what the programs of this folder do under CPython and PyTorch: recorded.json.

python test/programs/record.py             records all programs
python test/programs/record.py nn_ opt_    records those whose names start so
python test/programs/record.py --check     says which programs would be recorded otherwise

Each program runs in a process of its own, in a fresh namespace, on one thread. It runs twice, from different states of
PyTorch's random generator: a program must seed what it draws. Warnings go to stderr, which is not recorded.

A comment `# record: w, w.grad` in a program names what is recorded besides its output.
"""
import ast
import contextlib
import hashlib
import io
import json
import os
import re
import sys
import traceback
import types
from pathlib import Path

import torch

FOLDER = Path(__file__).parent
RECORD = FOLDER / 'recorded.json'
torch.set_num_threads(1)


def wire(number):
    """JSON has no NaN, no infinities, and its readers no large ints."""
    if isinstance(number, list):
        return [wire(item) for item in number]
    if isinstance(number, float) and (number != number or number in (float('inf'), float('-inf'))):
        return {'nan': 'NaN', 'inf': 'Infinity', '-inf': '-Infinity'}[str(number)]
    if isinstance(number, int) and abs(number) >= 2**53:
        return str(number)
    return number


def described(value):
    if not isinstance(value, torch.Tensor):
        if isinstance(value, (list, tuple)):
            return [described(item) for item in value]
        return wire(value) if isinstance(value, (bool, int, float, str, type(None))) else {'type': type(value).__name__}
    return {
        'dtype': str(value.dtype)[6:], 'shape': list(value.shape), 'data': wire(value.detach().tolist()),
        'requires_grad': value.requires_grad, 'is_leaf': value.is_leaf,
        'grad_fn': type(value.grad_fn).__name__ if value.grad_fn is not None else None,
    }


def wanted(source):
    for names in re.findall(r'^# record: (.*)$', source, re.M):
        for part in ast.parse(f'[{names}]', mode='eval').body.elts:
            yield ast.unparse(part)


def without_addresses(text):
    return re.sub(r' at 0x[0-9a-f]+', '', text)


def line_of(error, name):
    if isinstance(error, SyntaxError) and error.filename == name:
        return error.lineno
    return [frame.lineno for frame in traceback.extract_tb(error.__traceback__) if frame.filename == name][-1]


def run(path):
    source = path.read_text()
    # The compiler behind torch.cond looks for global variables in the module of that name.
    sys.modules['__main__'] = types.ModuleType('__main__')
    namespace = vars(sys.modules['__main__'])
    output = io.StringIO()
    result = {}
    with contextlib.redirect_stdout(output), contextlib.redirect_stderr(io.StringIO()):
        try:
            exec(compile(source, path.name, 'exec'), namespace)
        except Exception as error:
            message = without_addresses(error.msg if isinstance(error, SyntaxError) else str(error))
            result['exception'] = {'type': type(error).__name__, 'message': message, 'line': line_of(error, path.name)}
        with torch.no_grad():
            values = {name: described(eval(name, namespace)) for name in wanted(source)}
    digest = hashlib.sha256(source.encode()).hexdigest()[:16]
    return {'sha256': digest, 'stdout': without_addresses(output.getvalue()), **result, **({'values': values} if values else {})}


def apart(path, seed):
    """Runs a program in a process of its own, which leaves no state behind."""
    read, write = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            torch.manual_seed(seed)
            text = json.dumps(run(path))
        except BaseException:
            text = json.dumps({'failed': traceback.format_exc()})
        with os.fdopen(write, 'w') as pipe:
            pipe.write(text)
        os._exit(0)
    os.close(write)
    with os.fdopen(read) as pipe:
        text = pipe.read()
    os.waitpid(child, 0)
    return json.loads(text)


def record(path):
    first, second = apart(path, 1), apart(path, 2)
    if 'failed' in first:
        raise SystemExit(f'{path.name}: {first["failed"]}')
    if json.dumps(first) != json.dumps(second):
        raise SystemExit(f'{path.name} draws numbers without a seed, or prints what differs from run to run')
    return first


def main(arguments):
    check = '--check' in arguments
    prefixes = tuple(a for a in arguments if not a.startswith('-')) or ('',)
    paths = sorted(p for p in FOLDER.glob('*.py') if p.name != Path(__file__).name)
    old = json.loads(RECORD.read_text())['programs'] if RECORD.exists() else {}
    new = {p.stem: record(p) if p.name.startswith(prefixes) else old[p.stem] for p in paths if p.name.startswith(prefixes) or p.stem in old}
    if check:
        changed = [name for name in sorted(old.keys() | new.keys()) if json.dumps(old.get(name)) != json.dumps(new.get(name))]
        raise SystemExit(f'recorded otherwise: {", ".join(changed)}' if changed else 0)
    rows = ',\n'.join(f'{json.dumps(name)}: {json.dumps(value)}' for name, value in new.items())
    RECORD.write_text(f'{{"torch": {json.dumps(torch.__version__.split("+")[0])}, "programs": {{\n{rows}\n}}}}\n')
    print(len(new), 'programs,', sum('exception' in value for value in new.values()), 'of which raise')


main(sys.argv[1:])
