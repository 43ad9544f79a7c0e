"""Judges a trained model by the days that its training never saw, and writes the scores as JSON."""

import argparse
import json
import os
from pathlib import Path

import model as network  # first: it sets TensorFlow's log level
import tensorflow as tf

import table


def main():
    parser = argparse.ArgumentParser(description="Scores a trained model on the days kept apart.")
    parser.add_argument("--model", type=Path, required=True, help="the folder that train.py wrote")
    parser.add_argument("--data", required=True, help="the Parquet folder that features.py wrote")
    parser.add_argument("--out", type=Path, required=True, help="the JSON file to write")
    args = parser.parse_args()
    network.use_threads()
    features, labels = table.load(args.data, "test")
    model = tf.keras.models.load_model(args.model / "model.keras")
    scores = network.score(model, features, labels)
    result = {"model": str(args.model), "rows": len(labels), **scores}
    args.out.parent.mkdir(parents=True, exist_ok=True)
    unfinished = args.out.with_name(f".unfinished.{args.out.name}")
    unfinished.write_text(json.dumps(result, indent=1) + "\n")
    os.replace(unfinished, args.out)
    print("loss {loss:.4f}, AUC {auc:.4f}, accuracy {accuracy:.4f} on {rows} rows".format(**result))


if __name__ == "__main__":
    main()
