"""Jobs of others that have the ids of a run's jobs, since Slurm's ids have begun anew; and elements that a person took out of an array."""
import os
import sys
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "..", "support"))
from foztest import FozCase, run, until  # noqa: E402


class ForeignJobs(FozCase):
    SANDBOX = ("--nodes", "1", "--cpus", "1")

    def begin_anew(self):
        """The same sandbox, down and up: its ids begin at 1 again."""
        self.box.__exit__(None, None, None)
        self.box.__enter__()
        self.env = dict(self.box.env)

    def submit_others(self, count):
        for number in range(1, count + 1):
            done = run(["sbatch", "--parsable", "--output=/dev/null", "-J", f"other{number}", "--wrap", "sleep 600"], env=self.env, cwd=self.folder)
            self.assertEqual(done.code, 0, done.text)

    def names(self):
        return sorted(line.split()[2] for line in self.queue())

    def cancel_beside_others(self, scheduler):
        self.SCHEDULER = scheduler
        self.begin_anew()  # the run has the first ids, whatever was here before
        self.workflow("  s: {run: 'sleep 600'}\n  t: {needs: s, run: 'true'}\n")
        self.assertEqual(self.foz("run", "flow.yaml").code, 0)
        self.begin_anew()
        self.submit_others(4)
        done = self.foz("cancel")
        self.assertEqual(done.code, 0, done.text)
        self.assertIn("are left alone: Slurm calls the first of them \"other", done.out)
        self.assertEqual(self.names(), ["other1", "other2", "other3", "other4"])
        self.assertEqual(self.status()["state"], "cancelled")
        again = self.foz("cancel")
        self.assertEqual(again.code, 0, again.text)
        self.assertEqual(len(self.names()), 4)

    def test_cancel_leaves_them_alone_with_the_commands(self):
        self.cancel_beside_others("commands")

    def test_cancel_leaves_them_alone_with_the_helper(self):
        self.cancel_beside_others("libslurm")

    def test_cancel_without_an_answer_touches_nothing_and_ends_with_3(self):
        self.workflow("  s: {run: 'sleep 600'}\n")
        self.assertEqual(self.foz("run", "flow.yaml").code, 0)
        nowhere = dict(self.env, SLURM_CONF=self.write("slurm.conf", "ClusterName=nowhere\nSlurmctldHost=localhost\nSlurmctldPort=1\nAuthType=auth/munge\n"))
        done = self.foz("cancel", env=nowhere)
        self.assertEqual(done.code, 3, done.text)
        self.assertEqual(len(self.queue()), 1)


class VanishedElements(FozCase):
    SANDBOX = ("--nodes", "1", "--cpus", "1")

    def test_the_run_goes_on_behind_an_element_that_a_person_cancelled_while_it_waited(self):
        self.workflow("  train: {matrix: {n: 0..2}, run: 'until test -e go; do sleep 0.1; done'}\n"
                      "  score: {needs: {train: each}, run: 'true'}\n"
                      "  join: {needs: {score: finished}, run: 'touch joined'}\n")
        process = self.start("run", "flow.yaml", "--wait")
        until(lambda: any("RUNNING" in line for line in self.queue()), "a running task")
        until(lambda: os.path.exists(self.path(".foz", "runs")), "the run")
        job = next(r["job"] for r in self.records() if r["k"] == "submitted" and r["stage"] == "train")
        self.assertEqual(run(["scancel", f"{job}_2"], env=self.env).code, 0)
        self.write("go", "")
        self.assertEqual(process.wait(100), 1)
        self.assertTrue(os.path.exists(self.path("joined")))
        status = self.status()
        self.assertEqual(self.stage("train", status)["counts"], {"succeeded": 2, "failed": 1})
        self.assertEqual([(g["first"], g["last"], g["state"], g["class"]) for g in self.stage("train", status)["groups"]], [(2, 2, "failed", "lost")])
        self.assertEqual(self.stage("score", status)["counts"], {"succeeded": 2, "dependency_failed": 1})


if __name__ == "__main__":
    unittest.main()
