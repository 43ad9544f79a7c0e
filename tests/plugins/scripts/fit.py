"""A line fitted by two workers with different data: equal weights on both, a loss that falls."""
import json
import os
import sys

import numpy as np
import tensorflow as tf

if sys.argv[1] == "die":
    os._exit(9)
if sys.argv[1] == "alone":
    print("never made a strategy")
    sys.exit(0)
strategy = tf.distribute.MultiWorkerMirroredStrategy()
index = json.loads(os.environ["TF_CONFIG"])["task"]["index"]
with strategy.scope():
    model = tf.keras.Sequential([tf.keras.layers.Dense(1, input_shape=(1,), kernel_initializer="zeros")])
    model.compile(tf.keras.optimizers.SGD(0.1), "mse")
x = np.linspace(0, 1, 64, dtype="float32").reshape(-1, 1)
data = tf.data.Dataset.from_tensor_slices((x, 3 * x + 1)).repeat().batch(16)
losses = model.fit(data, epochs=4, steps_per_epoch=8, verbose=0).history["loss"]
assert losses[-1] < losses[0] / 2, losses
print("replicas %d, weights %s" % (strategy.num_replicas_in_sync, [float(w.numpy().ravel()[0]) for w in model.weights]))
