"""Records what CPython prints: python3 test/language/program/record.py

`cases/*.py` are programs between lines of `#: name`; `cases/*.txt` are expressions, one a line. `recorded.json` has
their output and the exception that ended them; `random.json` has random expressions and what they give.
"""
import contextlib
import io
import json
import pathlib
import random
import re
import sys
import traceback
import warnings

here = pathlib.Path(__file__).parent
warnings.simplefilter("ignore")


def neutral(text):
    """Without where this CPython keeps its modules."""
    return re.sub(r" (?:\(/[^()]*\)|from '/[^']*'(?=>)|\(built-in\)|\(unknown location\))", "", text)


def run(source):
    out = io.StringIO()
    error = None
    try:
        with contextlib.redirect_stdout(out):
            exec(compile(source, "<program>", "exec"), {"__name__": "__main__"})
    except SyntaxError as e:
        error = {"type": "SyntaxError", "message": e.msg, "line": e.lineno}
    except BaseException as e:
        frames = [f for f in traceback.extract_tb(e.__traceback__) if f.filename == "<program>"]
        error = {"type": type(e).__name__, "message": neutral(str(e)), "line": frames[-1].lineno}
    return {"stdout": neutral(out.getvalue()), "error": error}


def programs(path):
    name, lines = None, []
    for line in path.read_text().splitlines():
        if line.startswith("#: "):
            if name:
                yield name, "\n".join(lines) + "\n"
            name, lines = line[3:], []
        else:
            lines.append(line)
    if name:
        yield name, "\n".join(lines) + "\n"


def recorded():
    for path in sorted((here / "cases").glob("*.py")):
        for name, source in programs(path):
            yield {"name": f"{path.stem}: {name}", "source": source, **run(source)}
    for path in sorted((here / "cases").glob("*.txt")):
        for line in path.read_text().splitlines():
            if line and not line.startswith("#"):
                source = f"print({line})\n"
                yield {"name": f"{path.stem}: {line}", "source": source, **run(source)}


INTS = [0, 1, -1, 2, -2, 3, 7, -7, 10, 100, -255, 2**31, -2**31, 2**53, 2**53 + 1, 2**63 - 1, -2**64, 10**20, -10**25]
FLOATS = [0.0, -0.0, 1.0, -1.5, 0.1, 2.5, -2.5, 3.5, 1e-5, 1.5e-7, 123456.789, -9.875e15, 1e16, 1e22, 1.7e308, 5e-324]


def number(r):
    kind = r.random()
    if kind < 0.4:
        return repr(r.choice(INTS))
    if kind < 0.7:
        return repr(r.choice(FLOATS))
    if kind < 0.8:
        return r.choice(["True", "False"])
    if kind < 0.9:
        return repr(r.randint(-(10**6), 10**6))
    return repr(r.uniform(-1000, 1000))


def arithmetic(r, depth=2):
    if depth == 0 or r.random() < 0.2:
        return number(r)
    a, b = arithmetic(r, depth - 1), arithmetic(r, depth - 1)
    op = r.choice(["+", "-", "*", "/", "//", "%", "<", "<=", "==", "!=", ">", "&", "|", "^"])
    return f"({a}) {op} ({b})"


def formatted(r):
    fill = r.choice(["", "", "", "<", ">", "^", "=", "*<", "_^", "0>"])
    sign = r.choice(["", "", "+", " ", "-"])
    alternate = r.choice(["", "", "", "#"])
    zero = r.choice(["", "", "0"])
    width = r.choice(["", "", "5", "12", "20"])
    comma = r.choice(["", "", "", ",", "_"])
    precision = r.choice(["", "", ".0", ".1", ".3", ".10"])
    if r.random() < 0.15:
        value = repr(r.choice(["", "a", "héllo", "0123456789"]))
        kind = r.choice(["", "s"])
    elif r.random() < 0.5:
        value = repr(r.choice(INTS))
        kind = r.choice(["", "d", "x", "X", "b", "o", "e", "f", "g", "%", "c"][:10])
    else:
        value = repr(r.choice(FLOATS + [r.uniform(-1e6, 1e6), r.uniform(-1, 1) * 10 ** r.randint(-20, 20)]))
        kind = r.choice(["", "e", "E", "f", "F", "g", "G", "%"])
    return f"format({value}, {fill + sign + alternate + zero + width + comma + precision + kind!r})"


def percent(r):
    flags = r.choice(["", "-", "+", "0", " ", "#", "0+"])
    width = r.choice(["", "5", "12"])
    precision = r.choice(["", ".0", ".2", ".7"])
    kind = r.choice("diuxXoeEfFgGsr")
    value = number(r)
    return f"{'%' + flags + width + precision + kind!r} % ({value},)"


def rounding(r):
    return f"round({number(r)}, {r.choice([-3, -1, 0, 1, 2, 5, 15])})"


def text(r):
    word = repr("".join(r.choice("ab c,-Xé") for _ in range(r.randint(0, 12))))
    a, b = r.choice(["None"] + list(map(str, range(-6, 7)))), r.choice(["None"] + list(map(str, range(-6, 7))))
    part = repr(r.choice(["a", "b", " ", ",", "ab", "é", "-"]))
    return r.choice([
        f"{word}[{a}:{b}]", f"{word}[::{r.choice([-2, -1, 1, 2, 3])}]", f"{word}.split()", f"{word}.split({part})",
        f"{word}.rsplit({part}, 1)", f"{word}.split(None, 1)", f"{word}.rsplit(None, 1)", f"{word}.strip()", f"{word}.strip({part})",
        f"{word}.find({part}, {a})", f"{word}.rfind({part})", f"{word}.count({part})", f"{word}.replace({part}, 'ZZ')",
        f"{word}.replace('', '.')", f"{word}.partition({part})", f"{word}.rpartition({part})", f"{word}.center(9, '*')",
        f"{word}.center(10)", f"{word}.zfill(9)", f"{word}.title()", f"{word}.upper()", f"{word}.swapcase()", f"{word}.capitalize()",
        f"{word}.startswith({part}, {a})", f"{word}.isalpha()", f"{word} * 2 + {part}", f"{part} in {word}", f"{word} < {part}",
        f"sorted({word})", f"list(reversed({word}))", f"{word}.splitlines()", f"{word}.rjust(8, '.')", f"repr({word})",
    ])


def value(source):
    try:
        return repr(eval(source))
    except Exception as e:
        return f"{type(e).__name__}: {e}"


def samples():
    r = random.Random(20240917)
    for make, count in [(arithmetic, 1500), (formatted, 1500), (percent, 700), (rounding, 400), (text, 900)]:
        for _ in range(count):
            source = make(r)
            yield [source, value(source)]


def write(name, rows):
    lines = ",\n".join(json.dumps(row, ensure_ascii=False) for row in rows)
    (here / name).write_text(f"[\n{lines}\n]\n")


if __name__ == "__main__":
    version = ".".join(map(str, sys.version_info[:3]))
    rows = list(recorded())
    write("recorded.json", rows)
    write("random.json", samples())
    print(f"{len(rows)} programs and expressions of CPython {version}")
