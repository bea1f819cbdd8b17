"""The figures in TensorFlow on one core, by tf.function."""
import os

import measure

measure.start("tensorflow")
os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
import data
import tensorflow as tf

tf.config.threading.set_intra_op_parallelism_threads(1)
tf.config.threading.set_inter_op_parallelism_threads(1)


def gradient_figure(function, make_inputs, per, mean=False):
    """Of a function's sum and its gradients by every input."""

    def build():
        inputs = make_inputs()

        @tf.function
        def run(*inputs):
            with tf.GradientTape() as tape:
                tape.watch(inputs)
                value = function(*inputs)
            return value, tape.gradient(value, inputs)

        def step():
            value, gradients = run(*inputs)
            # Waits for the results without copying them.
            return [tensor.numpy() for tensor in (value, *gradients)]

        return measure.once(step, lambda found: data.total(found[0] / (per if mean else 1), found[1:]))

    return measure.figure(build, per, True)


def chain(x, w):
    y = x
    for _ in range(data.CHAIN // 4):
        y = tf.tanh(tf.sin(y * x) + w)
    return y


def fused(x, w):
    return tf.reduce_sum(tf.tanh(x * w) + tf.exp(-x * x) * tf.sigmoid(w))


def normal(d):
    return 0.5 * (1 + tf.math.erf(d / 2**0.5))


def price(S, K, T, r, sigma):
    spread = sigma * tf.sqrt(T)
    d1 = (tf.math.log(S / K) + (r + sigma * sigma / 2) * T) / spread
    return S * normal(d1) - K * tf.exp(-r * T) * normal(d1 - spread)


def constants(arrays):
    return [tf.constant(array) for array in arrays]


def black_scholes(dtype):
    return gradient_figure(price, lambda: constants(data.black_scholes(dtype)), data.MILLION)


def training_step():
    def build():
        x, labels = constants(data.batch())
        parameters = [tf.Variable(array) for array in data.parameters()]

        @tf.function
        def run(x, labels):
            W1, b1, W2, b2 = parameters
            with tf.GradientTape() as tape:
                logits = tf.nn.relu(x @ W1 + b1) @ W2 + b2
                losses = tf.nn.sparse_softmax_cross_entropy_with_logits(labels=labels, logits=logits)
                loss = tf.reduce_mean(losses)
            for parameter, gradient in zip(parameters, tape.gradient(loss, parameters)):
                parameter.assign_sub(data.RATE * gradient)
            return loss

        def step():
            return float(run(x, labels))

        step()
        return measure.once(step, float)

    return measure.figure(build, 1, True)


def scalars():
    return [tf.constant(value, tf.float64) for value in (0.7, 0.3)]


measure.report("tensorflow", {
    "scalar_chain": lambda: gradient_figure(chain, scalars, data.CHAIN),
    "fused_sum": lambda: gradient_figure(fused, lambda: constants(data.fused_sum()), data.MILLION, mean=True),
    "black_scholes_f64": lambda: black_scholes("float64"),
    "black_scholes_f32": lambda: black_scholes("float32"),
    "training_step": training_step,
})
