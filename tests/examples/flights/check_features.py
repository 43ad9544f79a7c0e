"""Checks the flights example's feature table against an independent computation in pandas.

    check_features.py --csv data/csv --table data/features.parquet

Nothing of the example is imported: columns, cleaning and checksum are stated here a second time,
from what table.py and features.py promise. Exit status: 0 the same, 1 different (and how), 2 bad
usage.
"""

import argparse
import hashlib
import sys
from pathlib import Path

import numpy as np
import pandas as pd

COLUMNS = ["day", "origin", "carrier", "month", "weekday", "minute", "distance", "departures",
           "seats", "plane_age", "dest_alt", "dest_tz", "has_weather", "temp", "dewp", "humid",
           "wind_speed", "precip", "pressure", "visib", "late"]
MISSING = {"temp": 55, "dewp": 41, "humid": 62, "wind_speed": 10, "precip": 0, "pressure": 1018,
           "visib": 10, "seats": 150, "plane_age": 12, "dest_alt": 0, "dest_tz": -4}


def read_csv(folder, name):
    return pd.read_csv(folder / f"{name}.csv", float_precision="round_trip")


def expected_table(folder):
    flights = read_csv(folder, "flights")
    weather = read_csv(folder, "weather").set_index(["origin", "time_hour"])
    planes = read_csv(folder, "planes").set_index("tailnum")
    airports = read_csv(folder, "airports").set_index("faa")
    hour = pd.MultiIndex.from_frame(flights[["origin", "time_hour"]])
    table = pd.DataFrame(index=flights.index)
    when = pd.to_datetime(flights[["year", "month", "day"]])
    table["day"], table["month"] = when.dt.dayofyear, when.dt.month
    table["weekday"] = when.dt.dayofweek
    for column in ("origin", "carrier"):
        table[column] = np.unique(flights[column], return_inverse=True)[1]
    table["minute"] = flights["sched_dep_time"] // 100 * 60 + flights["sched_dep_time"] % 100
    table["distance"] = flights["distance"]
    table["departures"] = hour.value_counts().reindex(hour).to_numpy()
    table["seats"] = flights["tailnum"].map(planes["seats"])
    table["plane_age"] = 2013 - flights["tailnum"].map(planes["year"])
    table["dest_alt"] = flights["dest"].map(airports["alt"])
    table["dest_tz"] = flights["dest"].map(airports["tz"])
    table["has_weather"] = hour.isin(weather.index).astype(int)
    for column in ("temp", "dewp", "humid", "wind_speed", "precip", "pressure", "visib"):
        table[column] = weather[column].reindex(hour).to_numpy()
    table = table.fillna(MISSING)
    table["wind_speed"] = table["wind_speed"].clip(upper=60)
    table["late"] = (flights["arr_delay"] > 15).astype(int)
    return table.loc[flights["arr_delay"].notna(), COLUMNS]


def sorted_lines(table):
    millionths = np.rint(table[COLUMNS].to_numpy(dtype="float64") * 1e6).astype("int64")
    return sorted(",".join(map(str, row)) for row in millionths.tolist())


def checksum(lines):
    digest = hashlib.sha256()
    for line in lines:
        digest.update(line.encode() + b"\n")
    return digest.hexdigest()


def read_parquet(path):
    table = pd.read_parquet(path)
    if sorted(table.columns) != sorted(COLUMNS):
        more, less = set(table.columns) - set(COLUMNS), set(COLUMNS) - set(table.columns)
        sys.exit(f"'{path}' has other columns: unexpected {sorted(more)}, missing {sorted(less)}")
    return table


def differences(expected, found, at_most=3):
    """A few lines that only one of the two sorted lists has."""
    wanted, got = set(expected), set(found)
    for title, lines in (("the CSV's table", wanted - got), ("the Parquet", got - wanted)):
        yield f"only in {title}: {len(lines)} distinct rows"
        yield from (f"  {line}" for line in sorted(lines)[:at_most])


def check_printed(name, printed, computed):
    if printed is not None and str(printed) != str(computed):
        sys.exit(f"the job printed {name} {printed}, the CSV gives {computed}")


def main():
    parser = argparse.ArgumentParser(description="Checks a feature table against its CSV.")
    parser.add_argument("--csv", type=Path, required=True, help="the folder that prepare.py filled")
    parser.add_argument("--table", type=Path, required=True, help="what features.py wrote")
    parser.add_argument("--rows", type=int, help="what the job printed, to be compared too")
    parser.add_argument("--checksum", help="what the job printed, to be compared too")
    args = parser.parse_args()
    expected = sorted_lines(expected_table(args.csv))
    found = sorted_lines(read_parquet(args.table))
    print(f"CSV:     rows {len(expected)} checksum {checksum(expected)}")
    print(f"Parquet: rows {len(found)} checksum {checksum(found)}")
    if expected != found:
        print("\n".join(["columns: " + ",".join(COLUMNS), *differences(expected, found)]))
        sys.exit(1)
    check_printed("rows", args.rows, len(expected))
    check_printed("checksum", args.checksum, checksum(expected))
    print("the same")


if __name__ == "__main__":
    main()
