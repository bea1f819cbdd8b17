"""Values within tuples, lists and dicts, as flat lists with their structure."""


class TreeSpec:
    """The structure of a value; a leaf has no kind."""

    def __init__(self, kind, keys, children):
        self.type = kind
        self.keys = keys
        self.children = children
        self.num_leaves = 1 if kind is None else sum(child.num_leaves for child in children)

    def __eq__(self, other):
        return self.type is other.type and self.keys == other.keys and self.children == other.children

    def __repr__(self):
        """As messages write it: `(*, [*, *])`."""
        parts = [repr(child) for child in self.children]
        if self.type is None:
            return '*'
        if self.keys is not None:
            return '{' + ', '.join(f'{key!r}: {part}' for key, part in zip(self.keys, parts)) + '}'
        if self.type is list:
            return '[' + ', '.join(parts) + ']'
        return '(' + ', '.join(parts) + (',)' if len(parts) == 1 else ')')


LEAF = TreeSpec(None, None, [])


def tree_flatten(tree):
    leaves = []
    return leaves, _flatten(tree, leaves)


def _flatten(tree, leaves):
    if isinstance(tree, dict):
        return TreeSpec(type(tree), list(tree.keys()), [_flatten(value, leaves) for value in tree.values()])
    if type(tree) is list or type(tree) is tuple:
        return TreeSpec(type(tree), None, [_flatten(value, leaves) for value in tree])
    leaves.append(tree)
    return LEAF


def tree_unflatten(leaves, spec):
    return _unflatten(iter(leaves), spec)


def _unflatten(leaves, spec):
    if spec.type is None:
        return next(leaves)
    items = [_unflatten(leaves, child) for child in spec.children]
    return spec.type(zip(spec.keys, items)) if spec.keys is not None else spec.type(items)


def tree_leaves(tree):
    return tree_flatten(tree)[0]


def tree_structure(tree):
    return tree_flatten(tree)[1]


def tree_map(func, tree, *rests):
    leaves, spec = tree_flatten(tree)
    others = [tree_leaves(rest) for rest in rests]
    return tree_unflatten([func(*items) for items in zip(leaves, *others)], spec)


def broadcast_to(tree, spec):
    """A value of a structure of which `tree` gives the beginning, as flat leaves; None where it does not fit."""
    if spec.type is None:
        return None if isinstance(tree, (tuple, list, dict)) else [tree]
    if not isinstance(tree, (tuple, list, dict)):
        return [tree] * spec.num_leaves
    if isinstance(tree, dict):
        if spec.keys is None or set(tree) != set(spec.keys):
            return None
        items = [tree[key] for key in spec.keys]
    else:
        if spec.keys is not None or type(tree) is not spec.type or len(tree) != len(spec.children):
            return None
        items = tree
    found = []
    for item, child in zip(items, spec.children):
        part = broadcast_to(item, child)
        if part is None:
            return None
        found += part
    return found
