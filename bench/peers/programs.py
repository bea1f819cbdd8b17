"""Runs scripts as CPython does: a JSON text on each line of stdin, its seconds and what it printed on a line of stdout."""
import contextlib
import io
import json
import platform
import sys
import time

import torch

torch.set_num_threads(1)


def timed(source):
    code = compile(source, "program", "exec")
    output = io.StringIO()
    with contextlib.redirect_stdout(output):
        start = time.perf_counter()
        exec(code, {"__name__": "__main__"})
        seconds = time.perf_counter() - start
    return {"seconds": seconds, "stdout": output.getvalue()}


print(json.dumps(f"{platform.python_version()}, torch {torch.__version__}"), flush=True)
for line in sys.stdin:
    print(json.dumps(timed(json.loads(line))), flush=True)
