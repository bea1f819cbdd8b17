"""The figures in JAX on one core: jit of value_and_grad."""
import os

import measure

measure.start("jax")
os.environ["XLA_FLAGS"] = "--xla_cpu_multi_thread_eigen=false intra_op_parallelism_threads=1"
os.environ["JAX_PLATFORMS"] = "cpu"
import data
import jax
import jax.numpy as jnp

jax.config.update("jax_enable_x64", True)


def gradient_figure(function, make_inputs, per, mean=False):
    """Of a function's sum and its gradients by every input."""

    def build():
        inputs = make_inputs()

        def summed(*inputs):
            value = function(*inputs)
            return value.sum(), value

        run = jax.jit(jax.value_and_grad(summed, argnums=tuple(range(len(inputs))), has_aux=True))

        def step():
            (_, value), gradients = jax.block_until_ready(run(*inputs))
            return value, gradients

        return measure.once(step, lambda found: data.total(found[0] / (per if mean else 1), found[1]))

    return measure.figure(build, per, True)


def chain(x, w):
    y = x
    for _ in range(data.CHAIN // 4):
        y = jnp.tanh(jnp.sin(y * x) + w)
    return y


def fused(x, w):
    return (jnp.tanh(x * w) + jnp.exp(-x * x) * jax.nn.sigmoid(w)).sum()


def normal(d):
    return 0.5 * (1 + jax.scipy.special.erf(d / 2**0.5))


def price(S, K, T, r, sigma):
    spread = sigma * jnp.sqrt(T)
    d1 = (jnp.log(S / K) + (r + sigma * sigma / 2) * T) / spread
    return S * normal(d1) - K * jnp.exp(-r * T) * normal(d1 - spread)


def arrays(values):
    return [jnp.asarray(value) for value in values]


def black_scholes(dtype):
    return gradient_figure(price, lambda: arrays(data.black_scholes(dtype)), data.MILLION)


def loss(parameters, x, labels):
    W1, b1, W2, b2 = parameters
    logits = jax.nn.relu(x @ W1 + b1) @ W2 + b2
    return -jnp.take_along_axis(jax.nn.log_softmax(logits), labels[:, None], axis=1).mean()


def training_step():
    def build():
        x, labels = arrays(data.batch())
        parameters = arrays(data.parameters())

        def descend(parameters, x, labels):
            value, gradients = jax.value_and_grad(loss)(parameters, x, labels)
            return [p - data.RATE * g for p, g in zip(parameters, gradients)], value

        run = jax.jit(descend, donate_argnums=0)

        def step():
            nonlocal parameters
            parameters, value = jax.block_until_ready(run(parameters, x, labels))
            return value

        step()
        return measure.once(step, float)

    return measure.figure(build, 1, True)


def scalars():
    return arrays([0.7, 0.3])


measure.report("jax", {
    "scalar_chain": lambda: gradient_figure(chain, scalars, data.CHAIN),
    "fused_sum": lambda: gradient_figure(fused, lambda: arrays(data.fused_sum()), data.MILLION, mean=True),
    "black_scholes_f64": lambda: black_scholes("float64"),
    "black_scholes_f32": lambda: black_scholes("float32"),
    "training_step": training_step,
})
