"""The ETL job: joins flights, weather, planes and airports into one table of numbers, in Parquet.

A plain Spark program, to be started by spark-submit, which also says where the cluster is:

    spark-submit --master URL features.py --csv data/csv --out data/features.parquet

One row for each flight that arrived; what a row holds and what the checksum is stands in table.py.
The same input gives the same rows on any number of workers and partitions: nothing here samples,
averages or depends on an order.
"""

import argparse
import os
import time

from pyspark.sql import SparkSession
from pyspark.sql import functions as F

import table

SCHEMAS = {
    "flights": "year INT, month INT, day INT, dep_time INT, sched_dep_time INT, dep_delay INT, "
               "arr_time INT, sched_arr_time INT, arr_delay INT, carrier STRING, flight INT, "
               "tailnum STRING, origin STRING, dest STRING, air_time INT, distance INT, hour INT, "
               "minute INT, time_hour STRING",
    "weather": "origin STRING, year INT, month INT, day INT, hour INT, temp DOUBLE, dewp DOUBLE, "
               "humid DOUBLE, wind_dir DOUBLE, wind_speed DOUBLE, wind_gust DOUBLE, precip DOUBLE, "
               "pressure DOUBLE, visib DOUBLE, time_hour STRING",
    "planes": "tailnum STRING, year INT, type STRING, manufacturer STRING, model STRING, "
              "engines INT, seats INT, speed INT, engine STRING",
    "airports": "faa STRING, name STRING, lat DOUBLE, lon DOUBLE, alt INT, tz INT, dst STRING, "
                "tzone STRING",
}

# What stands for a value that is missing: about the usual one. Destinations missing from the
# airports are all in the Caribbean: at sea level, and an hour ahead of New York.
USUAL = {
    "temp": 55.0, "dewp": 41.0, "humid": 62.0, "wind_speed": 10.0, "precip": 0.0,
    "pressure": 1018.0, "visib": 10.0, "seats": 150, "plane_age": 12, "dest_alt": 0, "dest_tz": -4,
}
STRONGEST_WIND = 60.0  # miles an hour; the data hold one of 1048


def read(spark, folder, name):
    path = os.path.join(folder, f"{name}.csv")
    return spark.read.csv(path, schema=SCHEMAS[name], header=True, nullValue="NA")


def code(column, names):
    """The place of the column's value among `names`, from 0."""
    return F.array_position(F.array(*map(F.lit, names)), F.col(column)) - 1


def feature_table(spark, folder):
    """The table as a lazy frame, its columns as table.COLUMNS has them."""
    flights = read(spark, folder, "flights")
    hour = ["origin", "time_hour"]
    departures = flights.groupBy(hour).agg(F.count("*").alias("departures"))  # how busy it is
    weather = read(spark, folder, "weather").drop("year", "month", "day", "hour")
    planes = read(spark, folder, "planes").select(
        "tailnum", "seats", (F.lit(2013) - F.col("year")).alias("plane_age"))
    airports = read(spark, folder, "airports").select(
        F.col("faa").alias("dest"), F.col("alt").alias("dest_alt"), F.col("tz").alias("dest_tz"))
    joined = (flights.where("arr_delay IS NOT NULL")
              .join(departures, hour)
              .join(weather.withColumn("has_weather", F.lit(1)), hour, "left")
              .join(planes, "tailnum", "left")
              .join(airports, "dest", "left")
              .fillna({**USUAL, "has_weather": 0}))
    date = F.make_date("year", "month", "day")
    derived = {
        **{column: code(column, names) for column, names in table.NAMES.items()},
        "day": F.dayofyear(date),
        "weekday": F.weekday(date),  # 0 is Monday
        "minute": F.col("hour") * 60 + F.col("minute"),
        "wind_speed": F.least("wind_speed", F.lit(STRONGEST_WIND)),
        table.LABEL: (F.col("arr_delay") > table.LATE_MINUTES).cast("int"),
    }
    return joined.select([
        derived.get(name, F.col(name)).cast("double").alias(name) for name in table.COLUMNS])


def checksum(frame):
    """Row count and checksum (see table.py): Spark makes the lines, here they are hashed."""
    values = [F.round(F.col(name) * table.UNIT).cast("long") for name in table.COLUMNS]
    lines = frame.select(F.concat_ws(",", *values)).toArrow().column(0).to_pylist()
    return len(lines), table.checksum_of_lines(lines)


def main():
    parser = argparse.ArgumentParser(description="Builds the feature table with Spark.")
    parser.add_argument("--csv", required=True, help="the folder that prepare.py filled")
    parser.add_argument("--out", required=True, help="the Parquet folder to write, or to replace")
    parser.add_argument("--partitions", type=int, default=8, help="of each shuffle (default: 8)")
    args = parser.parse_args()
    started = time.monotonic()
    spark = (SparkSession.builder.appName("flights-features")
             .config("spark.sql.shuffle.partitions", args.partitions).getOrCreate())
    spark.sparkContext.setLogLevel("WARN")
    took = time.monotonic() - started
    master = spark.sparkContext.master
    print(f"spark {spark.version} at {master}, up after {took:.1f} s", flush=True)
    out = os.path.abspath(args.out)
    feature_table(spark, os.path.abspath(args.csv)).write.parquet(out, mode="overwrite")
    rows, digest = checksum(spark.read.parquet(out))
    print(f"rows {rows}\nchecksum {digest}")
    print(f"wrote '{out}' in {time.monotonic() - started:.1f} s")
    spark.stop()


if __name__ == "__main__":
    main()
