"""The model, and how good it is: train.py and evaluate.py mean the same by a score."""

import os

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")  # before TensorFlow is imported: errors only

import numpy as np
import tensorflow as tf

import table


def use_threads():
    """As many threads as the launcher allows (OMP_NUM_THREADS), else as this process has CPUs."""
    threads = int(os.environ.get("OMP_NUM_THREADS") or len(os.sched_getaffinity(0)))
    tf.config.threading.set_intra_op_parallelism_threads(threads)
    tf.config.threading.set_inter_op_parallelism_threads(1)
    return threads


def build(features, learning_rate):
    """A compiled network that takes rows of table.load() as they are and gives P(late)."""
    scale = tf.keras.layers.Normalization(
        mean=features.mean(axis=0), variance=features.var(axis=0) + 1e-6)
    model = tf.keras.Sequential([
        tf.keras.Input((table.WIDTH,)),
        scale,
        tf.keras.layers.Dense(64, activation="relu"),
        tf.keras.layers.Dense(32, activation="relu"),
        tf.keras.layers.Dense(1, activation="sigmoid"),
    ])
    model.compile(tf.keras.optimizers.Adam(learning_rate), tf.keras.losses.BinaryCrossentropy())
    return model


def predict(model, features, rows=8192):
    call = tf.function(lambda batch: model(batch, training=False), reduce_retracing=True)
    batches = [call(features[i:i + rows]).numpy() for i in range(0, len(features), rows)]
    return np.concatenate(batches).ravel().astype("float64")


def auc(labels, chances):
    """The chance that a late flight is ranked above one on time; a tie counts half."""
    values, place, count = np.unique(chances, return_inverse=True, return_counts=True)
    rank = (np.cumsum(count) - (count - 1) / 2)[place]
    late = labels > 0.5
    lates, others = int(late.sum()), int((~late).sum())
    return float((rank[late].sum() - lates * (lates + 1) / 2) / (lates * others))


def score(model, features, labels):
    """Loss (cross-entropy), AUC and accuracy of the model's predictions."""
    chances = predict(model, features)
    safe = np.clip(chances, 1e-7, 1 - 1e-7)
    loss = -np.mean(np.where(labels > 0.5, np.log(safe), np.log1p(-safe)))
    return {"loss": float(loss), "auc": auc(labels, chances),
            "accuracy": float(np.mean((chances > 0.5) == (labels > 0.5)))}
