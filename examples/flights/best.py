"""Picks the best model of a sweep, from the manifest that foz writes about the evaluations.

The manifest has one JSON object on each line, for each element of the stage:

    {"stage": "evaluate", "index": 3, "name": "evaluate.3", "state": "succeeded",
     "values": {"lr": "0.01", "seed": "2"}, "outputs": {"score": "scores/evaluate.3.json"}}

An element that did not succeed stays in the table, without scores. The best has the highest AUC; of
equals, the one that comes first. The table is printed, and written for people and for programs.
"""

import argparse
import csv
import json
import sys
from pathlib import Path

SCORES = ("auc", "loss", "accuracy")


def read_elements(manifest):
    with open(manifest, encoding="utf-8") as lines:
        return [json.loads(line) for line in lines if line.strip()]


def add_scores(element):
    """The element, with what its evaluation wrote where it succeeded."""
    if element["state"] != "succeeded":
        return {**element, "scores": None}
    return {**element, "scores": json.loads(Path(element["outputs"]["score"]).read_text())}


def pick_best(elements):
    scored = [element for element in elements if element["scores"]]
    return max(scored, key=lambda element: element["scores"]["auc"], default=None)


def result_rows(elements, best):
    """The table's head and rows, all as text; the best is marked."""
    names = list(dict.fromkeys(name for element in elements for name in element["values"]))
    yield ["task", *names, "state", *SCORES, "best"]
    for element in elements:
        scores = [f"{element['scores'][name]:.4f}" if element["scores"] else "" for name in SCORES]
        values = [str(element["values"].get(name, "")) for name in names]
        yield [element["name"], *values, element["state"], *scores, "*" if element is best else ""]


def aligned(rows):
    widths = [max(map(len, column)) for column in zip(*rows)]
    lines = ("  ".join(map(str.ljust, row, widths)).rstrip() for row in rows)
    return "".join(f"{line}\n" for line in lines)


def main():
    parser = argparse.ArgumentParser(description="Picks the best model of a sweep.")
    parser.add_argument("--from", dest="manifest", required=True, help="the evaluations' manifest")
    parser.add_argument("--out", type=Path, required=True, help="the folder to write")
    args = parser.parse_args()
    elements = [add_scores(element) for element in read_elements(args.manifest)]
    best = pick_best(elements)
    rows = list(result_rows(elements, best))
    args.out.mkdir(parents=True, exist_ok=True)
    with open(args.out / "table.csv", "w", newline="", encoding="utf-8") as file:
        csv.writer(file, lineterminator="\n").writerows(rows)
    (args.out / "table.txt").write_text(aligned(rows))
    print(aligned(rows), end="")
    if best is None:
        sys.exit(f"best: none of the {len(elements)} evaluations succeeded")
    (args.out / "best.json").write_text(json.dumps(best, indent=1) + "\n")
    print(f"best: {best['name']}, model in '{best['scores']['model']}'")


if __name__ == "__main__":
    main()
