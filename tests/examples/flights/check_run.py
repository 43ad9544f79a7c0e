"""Checks what a run of the flights example left behind, and on wish that another gave the same.

    check_run.py FOLDER [--workers 2] [--tasks 4] [--same-as FOLDER]

FOLDER is where the workflow ran: models/, scores/ and results/ lie in it. Exit status: 0 all true,
1 something is not (each on a line of its own), 2 bad usage.
"""

import argparse
import csv
import json
import sys
from pathlib import Path


def read_all(folder, pattern):
    paths = sorted(folder.glob(pattern))
    return {str(path.relative_to(folder)): json.loads(path.read_text()) for path in paths}


def check_models(metrics, workers, tasks):
    if len(metrics) != tasks:
        yield f"{len(metrics)} trained models, expected {tasks}"
    for name, values in metrics.items():
        if values["world_size"] != workers:
            yield f"{name}: world size {values['world_size']}, expected {workers}"
        if not values["trained_loss"] < values["untrained_loss"]:
            yield (f"{name}: loss {values['trained_loss']} trained, "
                   f"{values['untrained_loss']} untrained")


def check_scores(scores, tasks):
    if len(scores) != tasks:
        yield f"{len(scores)} scores, expected {tasks}"
    for name, values in scores.items():
        if not 0.5 < values["auc"] < 1:
            yield f"{name}: AUC {values['auc']} is no better than chance"


def check_results(folder, scores, tasks):
    with open(folder / "results/table.csv", newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    best = json.loads((folder / "results/best.json").read_text())
    if len(rows) != tasks:
        yield f"results/table.csv has {len(rows)} rows, expected {tasks}"
    highest = max(values["auc"] for values in scores.values())
    if best["scores"]["auc"] != highest:
        yield f"results/best.json has AUC {best['scores']['auc']}, the highest score is {highest}"
    marked = [row["task"] for row in rows if row["best"]]
    if marked != [best["name"]]:
        yield f"results/table.csv marks {marked}, results/best.json names {best['name']}"


def figures(folder):
    """All numbers of a run, without its paths."""
    found = {**read_all(folder, "models/*/metrics.json"), **read_all(folder, "scores/*.json")}
    found["results/table.csv"] = {"text": (folder / "results/table.csv").read_text(encoding="utf-8")}
    return {name: {key: value for key, value in values.items() if key != "model"}
            for name, values in found.items()}


def check_same(folder, other):
    here, there = figures(folder), figures(other)
    for name in sorted(here.keys() | there.keys()):
        if here.get(name) != there.get(name):
            yield f"{name}: {here.get(name)} here, {there.get(name)} in '{other}'"


def check(args):
    scores = read_all(args.folder, "scores/*.json")
    metrics = read_all(args.folder, "models/*/metrics.json")
    yield from check_models(metrics, args.workers, args.tasks)
    yield from check_scores(scores, args.tasks)
    if scores:
        yield from check_results(args.folder, scores, args.tasks)
    if args.same_as:
        yield from check_same(args.folder, args.same_as)


def main():
    parser = argparse.ArgumentParser(description="Checks what a run of the flights example left.")
    parser.add_argument("folder", type=Path, help="where the workflow ran")
    parser.add_argument("--workers", type=int, default=2, help="of each training (default: 2)")
    parser.add_argument("--tasks", type=int, default=4, help="of the sweep (default: 4)")
    parser.add_argument("--same-as", type=Path, help="another run's folder with the same numbers")
    wrong = list(check(args := parser.parse_args()))
    print("\n".join(wrong) or f"{args.tasks} models, scores and the table are as they should be")
    sys.exit(1 if wrong else 0)


if __name__ == "__main__":
    main()
