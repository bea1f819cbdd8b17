def warn(message, category=None, stacklevel=1, source=None):
    return None


def filterwarnings(action, message='', category=Warning, module='', lineno=0, append=False):
    return None


def simplefilter(action, category=Warning, lineno=0, append=False):
    return None


class catch_warnings:
    def __init__(self, *, record=False, module=None, action=None):
        self.log = [] if record else None

    def __enter__(self):
        return self.log

    def __exit__(self, *info):
        return None
