from functools import wraps


class AbstractContextManager:
    def __enter__(self):
        return self

    def __exit__(self, kind, value, traceback):
        return None


class ContextDecorator:
    def __call__(self, function):
        @wraps(function)
        def inner(*args, **kwargs):
            with self._again():
                return function(*args, **kwargs)
        return inner

    def _again(self):
        return self


class _GeneratorContextManager(ContextDecorator):
    def __init__(self, function, args, kwargs):
        self.function, self.args, self.kwargs = function, args, kwargs
        self.gen = function(*args, **kwargs)

    def _again(self):
        return _GeneratorContextManager(self.function, self.args, self.kwargs)

    def __enter__(self):
        try:
            return next(self.gen)
        except StopIteration:
            raise RuntimeError("generator didn't yield") from None

    def __exit__(self, kind, value, traceback):
        if kind is None:
            try:
                next(self.gen)
            except StopIteration:
                return False
            raise RuntimeError("generator didn't stop")
        try:
            self.gen.throw(value)
        except StopIteration as error:
            return error is not value
        except BaseException as error:
            if error is value:
                return False
            if isinstance(value, StopIteration) and error.__cause__ is value:
                return False
            raise
        raise RuntimeError("generator didn't stop after throw()")


def contextmanager(function):
    @wraps(function)
    def helper(*args, **kwargs):
        return _GeneratorContextManager(function, args, kwargs)
    return helper


class suppress(AbstractContextManager):
    def __init__(self, *exceptions):
        self.exceptions = exceptions

    def __enter__(self):
        return None

    def __exit__(self, kind, value, traceback):
        return kind is not None and issubclass(kind, self.exceptions)


class nullcontext(AbstractContextManager):
    def __init__(self, enter_result=None):
        self.enter_result = enter_result

    def __enter__(self):
        return self.enter_result


class closing(AbstractContextManager):
    def __init__(self, thing):
        self.thing = thing

    def __enter__(self):
        return self.thing

    def __exit__(self, *info):
        self.thing.close()


class ExitStack(AbstractContextManager):
    def __init__(self):
        self.callbacks = []

    def enter_context(self, manager):
        result = manager.__enter__()
        self.callbacks.append(manager.__exit__)
        return result

    def push(self, leave):
        self.callbacks.append(leave.__exit__ if hasattr(leave, '__exit__') else leave)
        return leave

    def callback(self, function, /, *args, **kwargs):
        self.callbacks.append(lambda *info: function(*args, **kwargs) and None)
        return function

    def close(self):
        self.__exit__(None, None, None)

    def __exit__(self, kind, value, traceback):
        pending, dealt = value, False
        while self.callbacks:
            leave = self.callbacks.pop()
            try:
                if leave(None if pending is None else type(pending), pending, None):
                    pending, dealt = None, True
            except BaseException as error:
                pending, dealt = error, False
        if pending is not None and pending is not value:
            raise pending
        return dealt and value is not None
