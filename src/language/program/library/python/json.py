class JSONDecodeError(ValueError):
    def __init__(self, msg, doc, pos):
        line = doc.count('\n', 0, pos) + 1
        column = pos - doc.rfind('\n', 0, pos)
        super().__init__(f'{msg}: line {line} column {column} (char {pos})')
        self.msg, self.doc, self.pos = msg, doc, pos


_escapes = {'"': '\\"', '\\': '\\\\', '\n': '\\n', '\r': '\\r', '\t': '\\t', '\f': '\\f', '\b': '\\b'}
_plain = {'"': '"', '\\': '\\', '/': '/', 'n': '\n', 'r': '\r', 't': '\t', 'f': '\f', 'b': '\b'}


def _unit(code):
    return '\\u' + format(code, '04x')


def _text(value, ascii):
    parts = []
    for c in value:
        code = ord(c)
        if c in _escapes:
            parts.append(_escapes[c])
        elif code < 32 or (ascii and 126 < code < 65536):
            parts.append(_unit(code))
        elif ascii and code >= 65536:
            parts.append(_unit(0xd800 + (code - 0x10000 >> 10)) + _unit(0xdc00 + (code - 0x10000 & 0x3ff)))
        else:
            parts.append(c)
    return '"' + ''.join(parts) + '"'


def _number(value):
    if value != value:
        return 'NaN'
    if value in (float('inf'), float('-inf')):
        return 'Infinity' if value > 0 else '-Infinity'
    return float.__repr__(value)


def dumps(obj, *, skipkeys=False, ensure_ascii=True, indent=None, separators=None, default=None, sort_keys=False):
    if isinstance(indent, int):
        indent = ' ' * indent
    comma, colon = separators or (', ' if indent is None else ',', ': ')
    open_ = set()

    def key(k):
        if isinstance(k, str):
            return k
        if k is None or isinstance(k, (bool, int, float)):
            return write(k, '')
        raise TypeError(f'keys must be str, int, float, bool or None, not {type(k).__name__}')

    def joined(parts, ends, margin):
        if not parts:
            return ends
        if indent is None:
            return ends[0] + comma.join(parts) + ends[1]
        inner = '\n' + margin + indent
        return ends[0] + inner + (comma + inner).join(parts) + '\n' + margin + ends[1]

    def write(value, margin):
        if value is None:
            return 'null'
        if value is True:
            return 'true'
        if value is False:
            return 'false'
        if isinstance(value, str):
            return _text(value, ensure_ascii)
        if isinstance(value, int):
            return int.__repr__(value)
        if isinstance(value, float):
            return _number(float(value))
        below = margin if indent is None else margin + indent
        if isinstance(value, (list, tuple)):
            return joined([write(item, below) for item in value], '[]', margin)
        if isinstance(value, dict):
            items = sorted(value.items()) if sort_keys else value.items()
            return joined([_text(key(k), ensure_ascii) + colon + write(v, below) for k, v in items], '{}', margin)
        if default is not None:
            return write(default(value), margin)
        raise TypeError(f'Object of type {type(value).__name__} is not JSON serializable')

    return write(obj, '')


def loads(s, **options):
    end = len(s)

    def space(i):
        while i < end and s[i] in ' \t\n\r':
            i += 1
        return i

    def text(i):
        start, parts = i - 1, []
        while True:
            j = i
            while j < end and s[j] not in '"\\':
                if s[j] < ' ':
                    raise JSONDecodeError('Invalid control character at', s, j)
                j += 1
            if j >= end:
                raise JSONDecodeError('Unterminated string starting at', s, start)
            parts.append(s[i:j])
            if s[j] == '"':
                return ''.join(parts), j + 1
            c = s[j + 1:j + 2]
            if c == 'u':
                try:
                    parts.append(chr(int(s[j + 2:j + 6], 16)))
                except ValueError:
                    raise JSONDecodeError('Invalid \\uXXXX escape', s, j + 2) from None
                i = j + 6
            elif c in _plain and c:
                parts.append(_plain[c])
                i = j + 2
            else:
                raise JSONDecodeError('Invalid \\escape', s, j)

    def number(i):
        j = i + 1 if s[i] == '-' else i
        first = j
        while j < end and s[j] in '0123456789':
            j += 1
        if j == first:
            raise JSONDecodeError('Expecting value', s, i)
        if s[first] == '0':
            j = first + 1
        whole = j
        if j + 1 < end and s[j] == '.' and s[j + 1] in '0123456789':
            j += 1
            while j < end and s[j] in '0123456789':
                j += 1
        if j < end and s[j] in 'eE':
            k = j + 2 if s[j + 1:j + 2] in ('+', '-') else j + 1
            if k < end and s[k] in '0123456789':
                while k < end and s[k] in '0123456789':
                    k += 1
                j = k
        return (int(s[i:j]) if j == whole else float(s[i:j])), j

    def value(i):
        if i >= end:
            raise JSONDecodeError('Expecting value', s, i)
        c = s[i]
        if c == '"':
            return text(i + 1)
        if c == '[':
            items, i = [], space(i + 1)
            if s[i:i + 1] == ']':
                return items, i + 1
            while True:
                item, i = value(space(i))
                items.append(item)
                i = space(i)
                if s[i:i + 1] == ']':
                    return items, i + 1
                if s[i:i + 1] != ',':
                    raise JSONDecodeError("Expecting ',' delimiter", s, i)
                i += 1
        if c == '{':
            entries, i = {}, space(i + 1)
            if s[i:i + 1] == '}':
                return entries, i + 1
            while True:
                if s[i:i + 1] != '"':
                    raise JSONDecodeError('Expecting property name enclosed in double quotes', s, i)
                key, i = text(i + 1)
                i = space(i)
                if s[i:i + 1] != ':':
                    raise JSONDecodeError("Expecting ':' delimiter", s, i)
                entries[key], i = value(space(i + 1))
                i = space(i)
                if s[i:i + 1] == '}':
                    return entries, i + 1
                if s[i:i + 1] != ',':
                    raise JSONDecodeError("Expecting ',' delimiter", s, i)
                i = space(i + 1)
        for word, meaning in (('null', None), ('true', True), ('false', False), ('NaN', float('nan')),
                              ('Infinity', float('inf')), ('-Infinity', float('-inf'))):
            if s.startswith(word, i):
                return meaning, i + len(word)
        if c in '-0123456789':
            return number(i)
        raise JSONDecodeError('Expecting value', s, i)

    if not isinstance(s, str):
        raise TypeError(f'the JSON object must be str, bytes or bytearray, not {type(s).__name__}')
    result, at = value(space(0))
    at = space(at)
    if at != end:
        raise JSONDecodeError('Extra data', s, at)
    return result
