"""What the scripts of the Python peers share: one core, medians, and figures printed as one JSON object."""
import importlib.metadata
import importlib.util
import json
import os
import signal
import statistics
import subprocess
import sys
import time

FIGURES = ["scalar_chain", "fused_sum", "black_scholes_f64", "black_scholes_f32", "training_step"]
NOT_INSTALLED = 3
TIMEOUT = float(os.environ.get("PEERS_TIMEOUT", "120"))


def start(package):
    """
    To be called before a peer is imported, since its threads are counted then. Exits with 3 where it is not installed.

    Several figures are measured in a process each, so that one that dies or takes too long is left out alone.
    """
    if importlib.util.find_spec(package) is None:
        sys.exit(NOT_INSTALLED)
    if len(asked()) != 1:
        figures = {name: in_a_process(name) for name in asked() or FIGURES}
        print(json.dumps({"version": version(package), "figures": figures}))
        sys.exit(0)
    one_core()


def report(package, figures):
    """Prints the one figure that was asked for."""
    name = asked()[0]
    print(json.dumps({"version": version(package), "figures": {name: attempt(figures.get(name))}}))


def figure(build, per=1, compiles=False, rounds=101):
    """
    Nanoseconds per op, element or row (`per`) of the step that `build` returns: its median, warm.

    `compile_ms` is what building and the first call took longer than a warm call. `check` is what the first call
    computed, as one number, to be compared with what others compute.
    """
    begun = time.perf_counter()
    step = build()
    check = step()
    first = time.perf_counter() - begun
    run = median(step, rounds)
    compiling = {"compile_ms": (first - run) * 1e3} if compiles else {}
    return {"run": run * 1e9 / per, "check": check, **compiling}


def median(body, rounds=101, budget=1.0):
    """Seconds: the median of as many rounds as fit the budget, after warming up for a quarter of it."""
    times_within(body, 2, rounds, budget / 4)
    return statistics.median(times_within(body, 3, rounds, budget))


def times_within(body, least, most, budget):
    times = []
    end = time.perf_counter() + budget
    while len(times) < least or (len(times) < most and time.perf_counter() < end):
        begun = time.perf_counter()
        body()
        times.append(time.perf_counter() - begun)
    return times


def once(step, check):
    """`step`, whose first result is turned into the number to compare; the rest is thrown away."""
    seen = []

    def body():
        result = step()
        if not seen:
            seen.append(check(result))
        return seen[0]

    return body


def asked():
    return [arg for arg in sys.argv[1:] if not arg.startswith("--")]


def version(package):
    for name in (package, package + "-cpu"):
        try:
            return importlib.metadata.version(name)
        except importlib.metadata.PackageNotFoundError:
            pass
    return ""


def in_a_process(name):
    flags = [arg for arg in sys.argv[1:] if arg.startswith("--")]
    command = [sys.executable, sys.argv[0], *flags, name]
    child = subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True
    )
    try:
        out, errors = child.communicate(timeout=TIMEOUT)
        return json.loads(out.splitlines()[-1])["figures"][name]
    except subprocess.TimeoutExpired:
        # A compiler that it started would go on beside the next figure.
        os.killpg(child.pid, signal.SIGKILL)
        child.communicate()
        return {"missing": f"took more than {TIMEOUT:.0f} s"}
    except (IndexError, ValueError):
        return {"missing": f"exit status {child.returncode}: {last_line(errors)}"}


def attempt(body):
    if body is None:
        return {"missing": "not expressible here"}
    try:
        return body()
    except Exception as error:
        return {"missing": f"{type(error).__name__}: {last_line(str(error))}"}


def last_line(text):
    return (text.strip().splitlines() or [""])[-1][:200]


def one_core():
    os.environ["OMP_NUM_THREADS"] = "1"
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})
