"""Names with values, as scripts keep their settings in them."""


class SimpleNamespace:
    def __init__(self, **keywords):
        self.__dict__.update(keywords)

    def __repr__(self):
        return 'namespace(' + ', '.join(f'{name}={value!r}' for name, value in self.__dict__.items()) + ')'

    def __eq__(self, other):
        return isinstance(other, SimpleNamespace) and self.__dict__ == other.__dict__
