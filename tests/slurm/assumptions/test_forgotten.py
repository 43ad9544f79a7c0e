"""What Slurm does with the dependants of a job that it has forgotten (MinJobAge): why foz asks the parents' own records whether, and Slurm only when.

The controller forgets once a minute, so everything is submitted first and the tests share the wait.
"""
import unittest

from slurmbox import SlurmCase, until


class Forgotten(SlurmCase):
    SANDBOX = ("--nodes", "2", "--min-job-age", "2")

    @classmethod
    def submit_early(cls):
        cls.failed = cls.sbatch("--array=0-1", wrap="false")
        cls.failed_too = cls.sbatch(wrap="false")
        # Held by the user while its parent fails.
        cls.held_child = cls.sbatch("--hold", f"--dependency=afterok:{cls.failed_too}", wrap="true")
        cls.waiting_child = cls.sbatch(f"--dependency=afterok:{cls.failed_too}", wrap="true")

    def wait_until_forgotten(self, job):
        until(lambda: not self.show(job), f"job {job} to be forgotten", 150, 0.5)

    def test_a_forgotten_failure_lets_a_new_child_run_or_is_refused(self):
        self.wait_until_forgotten(self.failed)
        done = self.try_sbatch(f"--dependency=afterok:{self.failed}", wrap="true")
        if done.code != 0:
            self.assertIn("Job dependency problem", done.err)  # 24.11 and later
        else:
            self.wait_for_state(done.out.strip(), "COMPLETED")

    def test_a_child_that_saw_the_failure_still_waits_when_it_is_forgotten(self):
        self.wait_until_forgotten(self.failed_too)
        self.wait_for_cycles()
        self.assertEqual(self.reason(self.waiting_child), "DependencyNeverSatisfied")

    def test_a_held_child_was_told_of_the_failure_as_well(self):
        self.wait_until_forgotten(self.failed_too)
        self.succeed("scontrol", "release", self.held_child)
        self.wait_for_cycles()
        self.assertEqual(self.reason(self.held_child), "DependencyNeverSatisfied")

    def test_one_forgotten_id_is_an_error_of_squeue_and_two_are_not(self):
        self.wait_until_forgotten(self.failed)
        self.wait_until_forgotten(self.failed_too)
        one = self.slurm("squeue", "--noheader", "--jobs", self.failed)
        two = self.slurm("squeue", "--noheader", "--jobs", f"{self.failed},{self.failed_too}")
        self.assertEqual((one.code, one.out), (1, ""))
        self.assertIn("Invalid job id specified", one.err)
        self.assertEqual((two.code, two.out, two.err), (0, "", ""))


if __name__ == "__main__":
    unittest.main()
