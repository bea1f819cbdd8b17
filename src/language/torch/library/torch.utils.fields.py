"""Results with named parts, which are tuples of them too."""


class Fields:
    _fields = ()

    def __iter__(self):
        return iter([getattr(self, name) for name in self._fields])

    def __getitem__(self, index):
        return list(self)[index]

    def __len__(self):
        return len(self._fields)

    def __repr__(self):
        parts = ', '.join(f'{name}={getattr(self, name)!r}' for name in self._fields)
        return f'{type(self).__name__}({parts})'
