"""The feature table: its columns, its checksum, and how it becomes arrays for training.

This is the one place that says what a row is. `features.py` writes such a table, `train.py` and
`evaluate.py` read it. Nothing here needs Spark or TensorFlow.

Checksum of a table, the same for any order of rows, any number of files and any engine:

    line     := value ("," value)* LF      one row, its values in the order of COLUMNS
    value    := decimal integer            the value in whole millionths, rounded to nearest
    checksum := SHA-256, in hex, of all lines, sorted as bytes

No value of the table has more than five decimals, so that the rounding only takes away the noise
of binary fractions (10.357019999999999 is 10.35702): no half is ever to be rounded up or down.
"""

import hashlib

NUMBERS = (
    "month", "weekday", "minute", "distance", "departures", "seats", "plane_age", "dest_alt",
    "dest_tz", "has_weather", "temp", "dewp", "humid", "wind_speed", "precip", "pressure", "visib",
)
NAMES = {  # columns that hold a name's place in such a list, from 0
    "origin": ("EWR", "JFK", "LGA"),
    "carrier": ("9E", "AA", "AS", "B6", "DL", "EV", "F9", "FL", "HA", "MQ", "OO", "UA", "US", "VX",
                "WN", "YV"),
}
DAY = "day"  # day of the year, 1 to 365: no feature; it divides the table
LABEL = "late"  # 1 where the flight arrived more than LATE_MINUTES behind its schedule, else 0
LATE_MINUTES = 15
COLUMNS = (DAY, *NAMES, *NUMBERS, LABEL)

UNIT = 1_000_000  # of the checksum: millionths
WIDTH = len(NUMBERS) + sum(map(len, NAMES.values()))  # features of a row, as load() gives them

# Whole days are kept away from training: one in ten to watch it, another one in ten to judge it.
PARTS = {"train": (0, 1, 2, 3, 4, 5, 6, 7), "validation": (8,), "test": (9,)}


def checksum_of_lines(lines):
    """The checksum of the table with these lines, in any order, as text without line feeds."""
    return hashlib.sha256("".join(f"{line}\n" for line in sorted(lines)).encode()).hexdigest()


def load(path, part):
    """Features (float32, rows x WIDTH) and labels (float32) of one of PARTS, in a fixed order.

    The order is that of the rows' values: it does not depend on how many files the table has.
    """
    import numpy as np
    import pyarrow.parquet as parquet

    table = parquet.read_table(path, columns=list(COLUMNS))
    column = {name: table[name].to_numpy() for name in COLUMNS}
    rows = np.flatnonzero(np.isin(column[DAY] % 10, PARTS[part]))
    rows = rows[np.lexsort([column[name][rows] for name in reversed(COLUMNS)])]
    blocks = [np.column_stack([column[name][rows] for name in NUMBERS])]
    blocks += [np.eye(len(names))[column[name][rows].astype(int)] for name, names in NAMES.items()]
    return np.hstack(blocks).astype("float32"), column[LABEL][rows].astype("float32")
