"""Sums by key over several workers, checked against arithmetic; says where its executors ran."""
import sys

from pyspark.sql import SparkSession
from pyspark.sql import functions as F

if len(sys.argv) > 1 and sys.argv[1] == "fail":
    sys.exit(7)
spark = SparkSession.builder.appName("sums").getOrCreate()
rows = spark.range(0, 100_000, numPartitions=8).withColumn("key", F.col("id") % 10)
sums = {row.key: row.total for row in rows.groupBy("key").agg(F.sum("id").alias("total")).collect()}
assert sums == {key: sum(range(key, 100_000, 10)) for key in range(10)}, sums
doubled = spark.sparkContext.parallelize(range(100), 8).map(lambda x: 2 * x).sum()  # through Python workers
assert doubled == 9900, doubled
executors = spark.sparkContext._jsc.sc().statusTracker().getExecutorInfos()
print("sums are right on %d executors, arguments %r" % (len(executors) - 1, sys.argv[1:]))
spark.stop()
