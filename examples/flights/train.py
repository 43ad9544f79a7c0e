"""Trains the model on all workers that TF_CONFIG names, with MultiWorkerMirroredStrategy.

Every worker runs this same program; TF_CONFIG tells it who the others are and which of them it is.
Each trains on its own share of the rows, and after each batch the gradients are summed over all.
Without TF_CONFIG it trains alone. The same arguments and number of workers give the same model.

The chief (worker 0) leaves two files in --out: model.keras, and metrics.json.
"""

import argparse
import json
import os
import signal
import sys
import tempfile
import time
from pathlib import Path

import model as network  # first: it sets TensorFlow's log level
import tensorflow as tf

import table


def workers_asked_for():
    """The number of workers in TF_CONFIG; 1 where there is none."""
    try:
        cluster = json.loads(os.environ.get("TF_CONFIG") or "{}").get("cluster", {})
        return max(1, sum(len(cluster.get(job, ())) for job in ("chief", "worker")))
    except (ValueError, AttributeError, TypeError) as error:
        sys.exit(f"train: TF_CONFIG cannot be read: {error}; it is {os.environ['TF_CONFIG']!r}")


def count_replicas(strategy):
    """How many replicas really answer: each adds a one. All must, so it is a barrier too."""

    @tf.function
    def sum_of_ones():
        context = tf.distribute.get_replica_context
        return strategy.run(lambda: context().all_reduce(tf.distribute.ReduceOp.SUM, tf.ones([])))

    return int(strategy.experimental_local_results(sum_of_ones())[0])


def check_world(asked, strategy, counted):
    """Ends the program unless the workers asked for are the ones that train together."""
    wanted = asked * max(1, len(tf.config.list_logical_devices("GPU")))
    if wanted != strategy.num_replicas_in_sync or wanted != counted:
        sys.exit(f"train: TF_CONFIG names {asked} workers ({wanted} replicas), but the strategy "
                 f"has {strategy.num_replicas_in_sync} and {counted} answered")


def share(features, labels, batch, seed):
    """For strategy.distribute_datasets_from_function: this worker's batches, pass after pass."""

    def dataset(context):
        workers, mine = context.num_input_pipelines, context.input_pipeline_id
        rows = len(labels) // workers * workers  # the same number of batches for everyone
        mine = slice(mine, rows, workers)
        data = tf.data.Dataset.from_tensor_slices((features[mine], labels[mine]))
        data = data.shuffle(rows // workers, seed=seed, reshuffle_each_iteration=True)
        return data.batch(context.get_per_replica_batch_size(batch), drop_remainder=True).repeat()

    return dataset


def is_chief(strategy):
    resolver = strategy.cluster_resolver
    return resolver is None or resolver.task_type in (None, "chief") or (
        resolver.task_id == 0 and "chief" not in resolver.cluster_spec().jobs)


def save(model, folder, name="model.keras"):
    """Writes the model under a temporary name, then renames it."""
    unfinished = folder / f".unfinished.{name}"
    model.save(unfinished)
    os.replace(unfinished, folder / name)


def write_json(path, content):
    unfinished = path.with_name(f".unfinished.{path.name}")
    unfinished.write_text(json.dumps(content, indent=1) + "\n")
    os.replace(unfinished, path)


def save_all(model, metrics, out, chief):
    """All workers save (that may reduce variables over them); only the chief's files are kept."""
    if not chief:
        with tempfile.TemporaryDirectory() as unwanted:
            return save(model, Path(unwanted))
    out.mkdir(parents=True, exist_ok=True)
    save(model, out)
    write_json(out / "metrics.json", metrics)


def parse_arguments():
    parser = argparse.ArgumentParser(description="Trains the model with every worker of TF_CONFIG.")
    parser.add_argument("--data", required=True, help="the Parquet folder that features.py wrote")
    parser.add_argument("--out", type=Path, required=True, help="the folder for model and metrics")
    parser.add_argument("--lr", type=float, default=0.001, help="learning rate (default: 0.001)")
    parser.add_argument("--seed", type=int, default=1, help="of weights and order (default: 1)")
    parser.add_argument("--epochs", type=int, default=2, help="passes over the data (default: 2)")
    parser.add_argument("--batch", type=int, default=1024, help="rows, of all workers together")
    return parser.parse_args()


def main():
    args = parse_arguments()
    started = time.monotonic()
    threads = network.use_threads()
    asked = workers_asked_for()
    strategy = tf.distribute.MultiWorkerMirroredStrategy()
    signal.signal(signal.SIGTERM, signal.SIG_DFL)  # the strategy's runtime swallows it
    check_world(asked, strategy, count_replicas(strategy))
    replicas, chief = strategy.num_replicas_in_sync, is_chief(strategy)
    print(f"{replicas} replicas in sync, {threads} threads each, after "
          f"{time.monotonic() - started:.1f} s", flush=True)

    tf.keras.utils.set_random_seed(args.seed)
    tf.config.experimental.enable_op_determinism()
    features, labels = table.load(args.data, "train")
    held_out = table.load(args.data, "validation")
    with strategy.scope():
        model = network.build(features, args.lr)
    untrained = network.score(model, *held_out)
    batches = strategy.distribute_datasets_from_function(
        share(features, labels, args.batch, args.seed))
    model.fit(batches, epochs=args.epochs, steps_per_epoch=len(labels) // args.batch,
              verbose=2 if chief else 0)
    trained = network.score(model, *held_out)

    print(f"validation loss {untrained['loss']:.4f} untrained, {trained['loss']:.4f} trained; "
          f"AUC {trained['auc']:.4f}", flush=True)
    metrics = {"untrained_loss": untrained["loss"], "trained_loss": trained["loss"],
               "auc": trained["auc"], "lr": args.lr, "seed": args.seed, "epochs": args.epochs,
               "world_size": replicas}
    save_all(model, metrics, args.out, chief)
    count_replicas(strategy)  # nobody leaves while another still saves
    print(f"{'saved' if chief else 'done'} after {time.monotonic() - started:.1f} s", flush=True)


if __name__ == "__main__":
    main()
