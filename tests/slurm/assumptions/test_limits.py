"""The limits that foz splits its arrays and dependencies at, and what survives of a name."""
import subprocess
import unittest

from slurmbox import SlurmCase, until


SCATTERED = [3 * index + (index % 5 == 0) for index in range(1000)]  # ascending, no two in a row, no regular step


def scattered(count):
    return ",".join(str(index) for index in SCATTERED[:count])


class Limits(SlurmCase):
    SANDBOX = ("--nodes", "1", "--max-array-size", "20001")

    @classmethod
    def submit_early(cls):
        cls.parents = cls.sbatch("--hold", "--array=0-20000", wrap="true")

    def elements(self, count):
        return ":".join(f"{self.parents}_{index}" for index in range(count))

    def test_indices_are_below_max_array_size(self):
        self.sbatch("--hold", "--array=20000", wrap="true")
        refused = self.try_sbatch("--hold", "--array=20001", wrap="true")
        self.assertEqual(refused.code, 1)
        self.assertIn("Invalid job array specification", refused.err)

    def test_a_list_of_indices_is_at_most_4096_characters(self):
        self.assertLess(len(scattered(800)), 4096)
        array = self.sbatch("--hold", f"--array={scattered(800)}", wrap="true")
        self.assertEqual(self.show(f"{array}_{SCATTERED[799]}")["ArrayTaskId"], str(SCATTERED[799]))
        self.assertGreater(len(scattered(1000)), 4096)
        refused = self.try_sbatch("--hold", f"--array={scattered(1000)}", wrap="true")
        self.assertEqual(refused.code, 1)
        self.assertIn("too long", refused.err)

    def test_squeue_shows_the_waiting_indices_whole_only_without_a_bound(self):
        # SLURM_BITSTR_LEN=0: otherwise the list is cut somewhere, in 22.05 without a sign that it was.
        indices = SCATTERED[:300]
        array = self.sbatch("--hold", f"--array={','.join(map(str, indices))}", wrap="true")
        cut = self.succeed("squeue", "--noheader", "--jobs", array, "--format=%i")
        self.assertNotIn(str(indices[-1]), cut)
        whole = self.succeed("squeue", "--noheader", "--jobs", array, "--format=%i", env=self.env(SLURM_BITSTR_LEN="0"))
        self.assertEqual(whole, f"{array}_[{','.join(map(str, indices))}]")

    def test_regular_indices_come_back_as_a_step_whose_end_counts(self):
        array = self.sbatch("--hold", "--array=0-60:2", wrap="true")
        self.assertEqual(self.succeed("squeue", "--noheader", "--jobs", array, "--format=%i"), f"{array}_[0-60:2]")
        self.assertEqual(self.show(f"{array}_60")["ArrayTaskId"], "60")
        # squeue --array of 22.05 forgets the 60: foz expands the record itself.
        self.assertIn(len(self.rows(array)), (30, 31))

    def test_a_dependency_on_four_hundred_jobs_is_kept_whole(self):
        child = self.sbatch(f"--dependency=afterok:{self.elements(400)}", wrap="true")
        self.assertEqual(self.show(child)["Dependency"].count("_"), 400)

    def test_a_dependency_of_45_kilobytes_is_taken(self):
        spec = f"afterany:{self.elements(7000)}"
        self.assertGreater(len(spec), 45_000)
        child = self.sbatch(f"--dependency={spec}", wrap="true")
        self.assertEqual(self.reason(child), "Dependency")

    def test_a_dependency_over_128_kibibytes_is_refused(self):
        # One argument of a program is at most 128 KiB as well, so this one comes in the script.
        spec = f"afterany:{self.elements(20_000)}"
        self.assertGreater(len(spec), 140_000)
        refused = self.try_sbatch(script=f"#!/bin/bash\n#SBATCH --dependency={spec}\ntrue\n")
        self.assertNotEqual(refused.code, 0)
        self.assertIn("too long", refused.err)

    def test_names_and_comments_come_back_as_they_went(self):
        name = "foz.brave-tide-4f2a.train_2.0a1b2c3d4e5f." + "x" * 80
        comment = "foz:1 run=brave-tide-4f2a stage=train part=2/3 nonce=0a1b2c3d4e5f " + "y" * 400
        job = self.sbatch("--hold", f"--job-name={name}", f"--comment={comment}", wrap="true")
        out = self.slurm("squeue", "--noheader", "--jobs", job, "--format=%i|%j|%k").out
        self.assertEqual(out, f"{job}|{name}|{comment}\n")
        self.assertEqual(self.succeed("squeue", "--noheader", "--name", name, "--format=%i"), job)

    def test_parsable_prints_the_id_and_nothing_else(self):
        done = self.slurm("sbatch", "--parsable", "--hold", "--output=/dev/null", "--wrap", "true")
        self.assertRegex(done.out, r"\A\d+\n\Z")
        self.assertEqual(done.err, "")

    def test_squeue_fails_for_one_unknown_id_and_not_for_two(self):
        known = self.sbatch("--hold", wrap="true")
        one = self.slurm("squeue", "--noheader", "--jobs", "999999", "--format=%i")
        self.assertEqual((one.code, one.out), (1, ""))
        self.assertIn("Invalid job id specified", one.err)
        two = self.slurm("squeue", "--noheader", "--jobs", "999998,999999", "--format=%i")
        self.assertEqual((two.code, two.out, two.err), (0, "", ""))
        mixed = self.slurm("squeue", "--noheader", "--jobs", f"{known},999999", "--format=%i")
        self.assertEqual((mixed.code, mixed.out, mixed.err), (0, f"{known}\n", ""))

    def test_one_query_is_one_request_whatever_it_names(self):
        jobs = [self.sbatch("--hold", wrap="true") for _ in range(3)]
        requests = self.rpcs_of(lambda: self.succeed("squeue", "--noheader", "--jobs", ",".join(jobs)))
        self.assertEqual(requests.get("REQUEST_JOB_INFO"), 1, requests)
        self.assertNotIn("REQUEST_JOB_INFO_SINGLE", requests)


class FullController(SlurmCase):
    SANDBOX = ("--nodes", "1", "--max-array-size", "10", "--conf", "MaxJobCount=10")

    def test_sbatch_sleeps_and_tries_again_when_no_job_fits(self):
        # So foz gives every call a deadline of its own.
        stderr = self.path("stderr")
        for _ in range(12):
            with open(stderr, "wb") as file:
                process = subprocess.Popen(["sbatch", "--hold", "--parsable", "--output=/dev/null", "--wrap", "true"], env=self.box.env, cwd=self.class_folder,
                                           stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=file, text=True)
            self.addCleanup(process.communicate)
            self.addCleanup(process.kill)
            said = until(lambda: process.poll() is not None or "sleeping and retrying" in open(stderr, encoding="utf-8").read(), "sbatch to end or complain")
            if process.poll() is None:
                break
            self.assertEqual(process.returncode, 0)
        self.assertTrue(said)
        self.assertIsNone(process.poll(), "twelve jobs fitted in where MaxJobCount is ten")


if __name__ == "__main__":
    unittest.main()
