from collections import Counter
from math import exp, fsum, log, sqrt


class StatisticsError(ValueError):
    pass


def _some(data, what):
    data = list(data)
    if not data:
        raise StatisticsError(what)
    return data


def _exact(total, n):
    return total // n if isinstance(total, int) and total % n == 0 else total / n


def mean(data):
    data = _some(data, 'mean requires at least one data point')
    return _exact(sum(data) if all([isinstance(x, int) for x in data]) else fsum(data), len(data))


def fmean(data):
    data = _some(data, 'fmean requires at least one data point')
    return fsum(data) / len(data)


def geometric_mean(data):
    data = _some(data, 'must have a non-empty dataset containing positive numbers')
    return exp(fmean([log(x) for x in data]))


def median(data):
    data = sorted(_some(data, 'no median for empty data'))
    half = len(data) // 2
    return data[half] if len(data) % 2 else (data[half - 1] + data[half]) / 2


def mode(data):
    return Counter(_some(data, 'no mode for empty data')).most_common(1)[0][0]


def _squares(data, center):
    middle = sum(data) / len(data) if center is None else center
    return fsum([(x - middle) ** 2 for x in data])


def variance(data, xbar=None):
    data = list(data)
    if len(data) < 2:
        raise StatisticsError('variance requires at least two data points')
    return _squares(data, xbar) / (len(data) - 1)


def pvariance(data, mu=None):
    data = _some(data, 'pvariance requires at least one data point')
    return _squares(data, mu) / len(data)


def stdev(data, xbar=None):
    data = list(data)
    if len(data) < 2:
        raise StatisticsError('stdev requires at least two data points')
    return sqrt(variance(data, xbar))


def pstdev(data, mu=None):
    return sqrt(pvariance(data, mu))
