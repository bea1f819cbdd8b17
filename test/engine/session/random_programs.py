"""
Random programs of operations, in place and not, on views and their bases, run and recorded in PyTorch:
`python random_programs.py COUNT SEED FILE`. Those of the suite: `150 3000 random_programs.json`.
"""

import json
import random
import sys

import torch

from recorder import Case, P

F64, I64 = torch.float64, torch.int64

VIEWS = [
    lambda r, p: p[0],
    lambda r, p: p[-1:],
    lambda r, p: p[:, 1:],
    lambda r, p: p[:, r.randrange(2)],
    lambda r, p: p.t(),
    lambda r, p: p.view(-1),
    lambda r, p: p.unsqueeze(0),
    lambda r, p: p.squeeze(0),
    lambda r, p: p.transpose(0, 1),
    lambda r, p: p.expand(2, 2),
    lambda r, p: p.detach(),
    lambda r, p: p.reshape(-1),
    lambda r, p: p.flatten(),
    lambda r, p: p.unbind(0)[0],
    lambda r, p: p.chunk(2)[0],
    lambda r, p: p.diagonal(),
    lambda r, p: p[...],
    lambda r, p: p.contiguous(),
    lambda r, p: p.data,
]
UNARY = "sin cos tanh sigmoid exp neg relu abs clone sum mean square sqrt softmax cumsum".split()
BINARY = "add sub mul div".split()
UNARY_IN_PLACE = "sin_ cos_ tanh_ sigmoid_ neg_ relu_ abs_ square_ zero_ cumsum_ exp_".split()
BINARY_IN_PLACE = "add_ sub_ mul_ copy_ div_".split()


# 3068 ends in an index out of range that PyTorch finds when half is written.
LEFT_OUT = {3068}


def pick(r, t):
    return r.choice(t.known[-8:])


def step(t, r):
    # A view made where nothing is recorded counts as one that requires grad, yet has no edge: left out.
    kind = r.random() if torch.is_grad_enabled() else r.uniform(0.5, 0.74)
    p = pick(r, t)
    if kind < 0.22:
        return r.choice(VIEWS)(r, p)
    if kind < 0.36:
        name = r.choice(UNARY)
        return getattr(p, name)(*((0,) if name in ("softmax", "cumsum") else ()))
    if kind < 0.5:
        return getattr(p, r.choice(BINARY))(r.choice([pick(r, t), pick(r, t), 0.5, 2]))
    if kind < 0.62:
        name = r.choice(UNARY_IN_PLACE)
        return getattr(p, name)(*((0,) if name == "cumsum_" else ()))
    if kind < 0.74:
        name = r.choice(BINARY_IN_PLACE)
        other = pick(r, t) if name == "copy_" else r.choice([pick(r, t), pick(r, t), 0.5, 2])
        return getattr(p, name)(other)
    if kind < 0.82:
        value = r.choice([pick(r, t), 1.5, 3])
        index = r.choice([0, -1, slice(None), slice(0, 1), Ellipsis, None, (Ellipsis, 0), "index", "mask"])
        if index == "index":
            index = t.tensor([0, 1], I64)
        if index == "mask":
            index = p.gt(0.5)
        p[index] = value
        return None
    if kind < 0.86:
        return p.requires_grad_() if r.random() < 0.3 else p.detach()
    if kind < 0.88:
        return p.retain_grad()
    if kind < 0.9:
        return t.hook(p, r.choice(["look", "double"]))
    if kind < 0.97:
        return p.sum().backward(retain_graph=r.random() < 0.5, create_graph=r.random() < 0.2)
    leaves = [q for q in t.known if isinstance(q, P)]
    return t.gradof(p.sum(), [r.choice(leaves)], allow_unused=True, retain_graph=True)


def program(seed):
    r = random.Random(seed)

    def body(t):
        t.depth = 3
        t.arange(2, 2, requires_grad=True)
        t.arange(2, 2, start=3) if r.random() < 0.5 else t.arange(2, requires_grad=True)
        t.arange(4, requires_grad=r.random() < 0.5)
        base = t.known[0] * 1.5
        base.view(4)
        for _ in range(r.randrange(4, 25)):
            # An error ends a program; most steps are tried on a copy of the choice until one fits.
            if r.random() < 0.1:
                with t.no_grad():
                    attempt(t, r)
            else:
                attempt(t, r)

    return body


def attempt(t, r):
    known, steps = len(t.known), len(t.steps)
    try:
        step(t, r)
    except Exception:
        failed = t.steps[-1] if t.steps else {}
        text = failed.get("error", "")
        if not harmless(text) or known != len(t.known) or len(t.steps) != steps + 1:
            raise
        t.steps.pop()


def harmless(text):
    """Complaints about shapes and the like, which are tested elsewhere."""
    return any(
        part in text
        for part in (
            "must match the size",
            "Dimension out of range",
            "too many indices",
            "slice() cannot be applied",
            "invalid index of a 0-dim",
            "out of bounds",
            "t() expects",
            "expand",
            "is not compatible with input tensor",
            "invalid for input",
            "does not require grad",
            "doesn't require grad",
            "requires_grad=False",
            "dimension",
            "index 0 is out",
            "broadcast",
            "shape",
            "One of the differentiated",
            "no dimensions",
            "cannot be applied to a 0-dim",
            "leaf Variable",
            "element 0 of tensors",
        )
    )


if __name__ == "__main__":
    count, seed, path = int(sys.argv[1]), int(sys.argv[2]), sys.argv[3]
    found = []
    for i in range(seed, seed + count):
        if i in LEFT_OUT:
            continue
        try:
            found.append(Case(f"random program {i}").run(program(i)))
        except (RuntimeError, IndexError, TypeError) as error:
            print(i, "left out:", str(error)[:100])
    with open(path, "w") as file:
        file.write("[\n" + ",\n".join(json.dumps(each, separators=(",", ":")) for each in found) + "\n]\n")
    print(len(found), "programs,", sum("error" in (p["steps"] or [{}])[-1] for p in found), "end in an error")
