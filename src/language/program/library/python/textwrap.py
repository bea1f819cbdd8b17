def dedent(text):
    lines = [line if line.strip() else '' for line in text.split('\n')]
    margin = None
    for line in lines:
        if line:
            indent = line[:len(line) - len(line.lstrip(' \t'))]
            if margin is None:
                margin = indent
            while not indent.startswith(margin):
                margin = margin[:-1]
    return '\n'.join([line[len(margin or ''):] for line in lines])


def indent(text, prefix, predicate=None):
    keep = predicate or (lambda line: line.strip())
    return ''.join([prefix + line if keep(line) else line for line in text.splitlines(True)])


def wrap(text, width=70, **options):
    lines, line = [], ''
    for word in text.split():
        while len(word) > width:
            room = width - len(line) - 1 if line else width
            if room < 1:
                lines.append(line)
                line, room = '', width
            lines.append(line + ' ' + word[:room] if line else word[:room])
            line, word = '', word[room:]
        if not line:
            line = word
        elif len(line) + 1 + len(word) <= width:
            line += ' ' + word
        else:
            lines.append(line)
            line = word
    return lines + [line] if line else lines


def fill(text, width=70, **options):
    return '\n'.join(wrap(text, width, **options))
