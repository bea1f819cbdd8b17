"""The figures that fit CasADi's scalar graphs (SX, float64), evaluated by its virtual machine."""
import measure

measure.start("casadi")
import casadi as ca
import data
import numpy as np


def value_and_gradient(function, inputs):
    value = function(*inputs)
    return ca.Function("f", inputs, [value, *(ca.gradient(value, x) for x in inputs)])


def buffered(function, arrays):
    """A call on fixed buffers, without the copies that CasADi's own matrices need; also the buffers of the results."""
    buffer, call = function.buffer()
    results = [np.zeros(arrays[0].shape) for _ in range(function.n_out())]
    for i, array in enumerate(arrays):
        buffer.set_arg(i, memoryview(array))
    for i, result in enumerate(results):
        buffer.set_res(i, memoryview(result))
    # The call refers to the arrays and the buffer without keeping them.
    return lambda: (call(), results, arrays, buffer)[1]


def symbols(text):
    return [ca.SX.sym(name) for name in text.split()]


def chain(x, w):
    y = x
    for _ in range(data.CHAIN // 4):
        y = ca.tanh(ca.sin(y * x) + w)
    return y


def scalar_chain():
    def build():
        function = value_and_gradient(chain, symbols("x w"))
        step = buffered(function, [np.array([0.7]), np.array([0.3])])
        return measure.once(step, lambda found: data.total(found[0], found[1:]))

    return measure.figure(build, data.CHAIN, True)


def normal(d):
    return 0.5 * (1 + ca.erf(d / 2**0.5))


def price(S, K, T, r, sigma):
    spread = sigma * ca.sqrt(T)
    d1 = (ca.log(S / K) + (r + sigma * sigma / 2) * T) / spread
    return S * normal(d1) - K * ca.exp(-r * T) * normal(d1 - spread)


def black_scholes():
    def build():
        function = value_and_gradient(price, symbols("S K T r sigma")).map(data.MILLION)
        step = buffered(function, data.black_scholes("float64"))
        return measure.once(step, lambda found: data.total(found[0], found[1:]))

    return measure.figure(build, data.MILLION, True)


measure.report("casadi", {"scalar_chain": scalar_chain, "black_scholes_f64": black_scholes})
