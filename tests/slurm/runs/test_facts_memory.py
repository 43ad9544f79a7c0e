"""What the cluster was some minutes ago: it saves questions, and refuses nothing."""
import os
import re
import sys
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "..", "support"))
from foztest import FozCase, run, until  # noqa: E402

QUESTIONS = ("REQUEST_BUILD_INFO", "REQUEST_PARTITION_INFO", "REQUEST_NODE_INFO", "REQUEST_JOB_INFO", "REQUEST_JOB_USER_INFO")


class WithHelper(FozCase):
    SANDBOX = ("--nodes", "1", "--cpus", "2")
    SCHEDULER = "libslurm"

    def asked(self):
        out = run(["sdiag"], env=self.env).out.split("by user")[0]
        return sum(int(n) for name, n in re.findall(r"(REQUEST_\w+)\s.*?count:(\d+)", out) if name in QUESTIONS)

    def scontrol(self, *argv):
        done = run(["scontrol", *argv], env=self.env)
        self.assertEqual(done.code, 0, done.text)

    def delete_partition(self, name):
        """Slurm refuses while a job is completing, which the run's end does not wait for."""
        until(lambda: run(["scontrol", "delete", f"PartitionName={name}"], env=self.env).code == 0, f"partition {name} is not in use")

    def submit(self):
        done = self.foz("run", "flow.yaml")
        self.assertEqual(done.code, 0, done.text)

    def in_partition(self, name):
        self.workflow(f"  a: {{run: 'true', slurm: {{partition: {name}}}}}\n")

    def test_the_second_run_asks_nothing(self):
        self.workflow("  a: {run: 'true'}\n")
        before = self.asked()
        self.submit()
        first = self.asked()
        self.assertGreater(first, before)
        self.submit()
        self.assertEqual(self.asked(), first)

    def test_nothing_is_refused_from_memory(self):
        self.workflow("  a: {run: 'true'}\n")
        self.submit()
        self.in_partition("late")
        self.assertIn("'late'", self.refused().err)
        self.scontrol("create", "PartitionName=late", "Nodes=ALL")
        self.submit()

    def test_a_refusal_by_slurm_ends_the_memory(self):
        self.scontrol("create", "PartitionName=gone", "Nodes=ALL")
        self.in_partition("gone")
        self.run_to_end()
        self.delete_partition("gone")
        done = self.foz("run", "flow.yaml")
        self.assertEqual(done.code, 3, done.text)
        self.assertFalse(os.path.exists(self.path(".foz/cluster.facts")))
        self.assertIn("'gone'", self.refused().err)

    def refused(self):
        done = self.foz("run", "flow.yaml")
        self.assertEqual(done.code, 2, done.text)
        return done


class WithCommands(WithHelper):
    SCHEDULER = "commands"


if __name__ == "__main__":
    unittest.main()
