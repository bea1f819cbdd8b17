from os import path

environ = {}
sep, linesep, name, curdir = '/', '\n', 'posix', '.'


def getenv(key, default=None):
    return environ.get(key, default)


def cpu_count():
    return 1


def _absent(*args, **kwargs):
    raise RuntimeError('a program has no files and no processes')


makedirs = mkdir = listdir = remove = getcwd = system = rename = _absent
