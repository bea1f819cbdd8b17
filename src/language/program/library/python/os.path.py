sep = '/'


def join(first, *more):
    for part in more:
        first = part if part.startswith('/') else first + part if first == '' or first.endswith('/') else first + '/' + part
    return first


def basename(p):
    return p[p.rfind('/') + 1:]


def dirname(p):
    head = p[:p.rfind('/') + 1]
    return head.rstrip('/') or head


def splitext(p):
    dot = p.rfind('.')
    return (p, '') if dot <= p.rfind('/') + 1 else (p[:dot], p[dot:])


def exists(p):
    return False


isfile = isdir = exists
