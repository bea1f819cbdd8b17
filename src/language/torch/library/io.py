"""Files that are only in memory. There are no bytes here: BytesIO holds what torch.save puts into it."""


class UnsupportedOperation(OSError, ValueError):
    pass


class BytesIO:
    def __init__(self):
        self._saved = []
        self._position = 0

    def seek(self, offset, whence=0):
        if offset != 0 or whence not in (0, 2):
            raise UnsupportedOperation('a BytesIO holds no bytes here: seek(0) and seek(0, 2) are all there is')
        self._position = 0 if whence == 0 else len(self._saved)
        return self._position

    def truncate(self, size=None):
        del self._saved[self._position:]

    def close(self):
        self._saved.clear()

    def __enter__(self):
        return self

    def __exit__(self, *error):
        self.close()


class StringIO:
    def __init__(self, initial_value='', newline='\n'):
        self._text = initial_value
        self._position = 0

    def write(self, s):
        self._text = self._text[:self._position] + s + self._text[self._position + len(s):]
        self._position += len(s)
        return len(s)

    def read(self, size=-1):
        end = len(self._text) if size is None or size < 0 else self._position + size
        text = self._text[self._position:end]
        self._position += len(text)
        return text

    def readline(self):
        end = self._text.find('\n', self._position)
        return self.read(-1 if end < 0 else end + 1 - self._position)

    def __iter__(self):
        while self._position < len(self._text):
            yield self.readline()

    def getvalue(self):
        return self._text

    def seek(self, offset, whence=0):
        self._position = offset if whence == 0 else len(self._text) + offset
        return self._position

    def tell(self):
        return self._position

    def flush(self):
        pass

    def close(self):
        pass

    def __enter__(self):
        return self

    def __exit__(self, *error):
        self.close()
