"""Frameworks that fail: the true reason within seconds, nothing hanging, nothing left behind."""
import os
import sys
import time
import unittest

from foztest import FozCase

VENV = os.environ.get("FOZ_FLIGHTS_VENV", "")
PYTHON = os.path.join(VENV, "bin", "python")


class Failures(FozCase):
    SANDBOX = ("--nodes", "3", "--cpus", "4", "--memory", "6GiB")

    @classmethod
    def setUpClass(cls):
        if not VENV:
            raise unittest.SkipTest("FOZ_FLIGHTS_VENV names no Python environment with the frameworks")
        super().setUpClass()

    def fails(self, text, seconds, **files):
        for name, content in files.items():
            self.write(name + ".py", content)
        self.workflow(text)
        begun = time.monotonic()
        done = self.foz("run", "flow.yaml", "--wait", timeout=seconds + 30)
        self.assertEqual(done.code, 1, done.text)
        self.assertLess(time.monotonic() - begun, seconds, done.text)
        return self.task("s"), done.out

    def test_a_worker_that_dies_at_import(self):
        task, shown = self.fails(
            f"  s: {{uses: tensorflow, with: {{script: t.py, python: {PYTHON}}}, resources: {{nodes: 2}}}}\n", 40, t="import no_such_module\n")
        self.assertEqual(task["class"], "user_error")
        self.assertIn("exit status 1", task["sentence"])
        self.assertIn("No module named 'no_such_module'", shown)

    def test_a_world_that_is_never_made_is_no_success(self):
        task, _ = self.fails(
            f"  s: {{uses: tensorflow, with: {{script: t.py, python: {PYTHON}}}, resources: {{nodes: 2}}}}\n", 40, t="print('alone')\n")
        self.assertEqual(task["class"], "world_size")

    def test_one_worker_that_dies_before_the_others_have_met_it(self):
        """The other one would wait for ever, and swallows SIGTERM meanwhile."""
        task, _ = self.fails(
            f"  s: {{uses: tensorflow, with: {{script: t.py, python: {PYTHON}}}, resources: {{nodes: 2}}}}\n", 90,
            t="import os, json, sys\nif json.loads(os.environ['TF_CONFIG'])['task']['index'] == 1:\n    sys.exit('worker one gives up')\n"
              "import tensorflow as tf\ntf.distribute.MultiWorkerMirroredStrategy()\n")
        self.assertIn("worker.1", task["sentence"])

    def test_a_master_that_cannot_start(self):
        task, shown = self.fails(
            f"  s:\n    uses: spark\n    with: {{script: t.py, python: {PYTHON}, spark_home: /nonexistent}}\n"
            "    resources: {nodes: 2, cpus_per_node: 2, memory_per_node: 4GiB}\n", 40, t="print('x')\n")
        self.assertEqual(task["class"], "launch_failed")
        self.assertIn("/nonexistent", task["sentence"] + shown)

    def test_a_driver_that_fails_is_the_cause_and_not_the_workers_it_leaves(self):
        task, shown = self.fails(
            f"  s:\n    uses: spark\n    with: {{script: t.py, python: {PYTHON}, cores: 1}}\n"
            "    resources: {nodes: 2, cpus_per_node: 2, memory_per_node: 4GiB}\n", 120,
            t="import sys\nfrom pyspark.sql import SparkSession\nn = SparkSession.builder.getOrCreate().range(10).count()\n"
              "print('counted', n)\nsys.exit(7)\n")
        self.assertIn("driver", task["sentence"])
        self.assertIn("exit status 7", task["sentence"])
        self.assertIn("counted 10", self.foz("logs", "s", "--rank", "driver.0").out + shown)


if __name__ == "__main__":
    sys.exit(unittest.main())
