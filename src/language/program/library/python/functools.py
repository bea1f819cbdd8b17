def total_ordering(cls):
    given = [name for name in ('__lt__', '__le__', '__gt__', '__ge__') if getattr(cls, name, None) is not None]
    if not given:
        raise ValueError('must define at least one ordering operation: < > <= >=')
    if '__lt__' in given:
        less = lambda a, b: a < b
    elif '__gt__' in given:
        less = lambda a, b: b > a
    elif '__le__' in given:
        less = lambda a, b: a <= b and not a == b
    else:
        less = lambda a, b: b >= a and not a == b
    made = {
        '__lt__': lambda self, other: less(self, other),
        '__gt__': lambda self, other: not less(self, other) and not self == other,
        '__le__': lambda self, other: less(self, other) or self == other,
        '__ge__': lambda self, other: not less(self, other),
    }
    for name, method in made.items():
        if name not in given:
            setattr(cls, name, method)
    return cls


class cached_property:
    def __init__(self, func):
        self.func = func
        self.name = None
        self.__doc__ = func.__doc__

    def __set_name__(self, owner, name):
        self.name = name

    def __get__(self, instance, owner=None):
        if instance is None:
            return self
        value = self.func(instance)
        setattr(instance, self.name, value)
        return value


def singledispatch(func):
    registry = {object: func}

    def register(cls, method=None):
        if method is None:
            return lambda method: register(cls, method)
        registry[cls] = method
        return method

    def dispatch(cls):
        best = object
        for known in registry:
            if issubclass(cls, known) and issubclass(known, best):
                best = known
        return registry[best]

    def wrapper(*args, **kwargs):
        return dispatch(type(args[0]))(*args, **kwargs)

    wrapper.register, wrapper.dispatch = register, dispatch
    wrapper.__name__, wrapper.__doc__ = func.__name__, func.__doc__
    return wrapper
