"""What foz takes for granted about dependencies and holding: only roots are held, one call releases a whole array, the record decides whether.

A test that fails here on a newer Slurm means that core/run must be looked at, not that Slurm is wrong.
"""
import unittest

from slurmbox import SlurmCase, until


class Holding(SlurmCase):
    def test_only_roots_need_holding(self):
        root = self.sbatch("--hold", "--array=0-3", wrap="true")
        child = self.sbatch(f"--dependency=afterok:{root}", "--array=0-3", wrap="true")
        self.wait_for_cycles()
        self.assertEqual(set(self.states(root).values()), {"PENDING"})
        self.assertEqual(self.reason(child), "Dependency")
        self.succeed("scontrol", "release", root)
        self.assertEqual(set(self.wait_for_end(child).values()), {"COMPLETED"})
        self.assertEqual(len(self.rows(child)), 4)

    def test_a_held_array_keeps_its_dependency_after_release(self):
        root = self.sbatch("--hold", wrap="true")
        child = self.sbatch("--hold", f"--dependency=afterok:{root}", "--array=0-1", wrap="true")
        self.succeed("scontrol", "release", child)
        self.wait_for_cycles()
        self.assertEqual(self.reason(child), "Dependency")
        self.succeed("scontrol", "release", root)
        self.assertEqual(set(self.wait_for_end(child).values()), {"COMPLETED"})

    def test_releasing_an_array_is_one_request(self):
        array = self.sbatch("--hold", "--array=0-999", "--begin=now+1hour", wrap="true")
        self.assertEqual(self.rpcs_of(lambda: self.succeed("scontrol", "release", array)), {"REQUEST_UPDATE_JOB": 1})

    def test_submitting_an_array_is_one_request(self):
        requests = self.rpcs_of(lambda: self.sbatch("--hold", "--array=0-9999", wrap="true"))
        self.assertEqual(requests, {"REQUEST_SUBMIT_BATCH_JOB": 1})

    def test_releasing_three_ids_is_three_requests(self):
        ids = [self.sbatch("--hold", "--begin=now+1hour", wrap="true") for _ in range(3)]
        self.assertEqual(self.rpcs_of(lambda: self.succeed("scontrol", "release", ",".join(ids))), {"REQUEST_UPDATE_JOB": 3})

    def test_part_of_a_held_array_is_released_by_one_request(self):
        array = self.sbatch("--hold", "--array=0-99", wrap="true")
        requests = self.rpcs_of(lambda: self.succeed("scontrol", "release", f"{array}_[0-9]"))
        self.assertEqual(requests, {"REQUEST_UPDATE_JOB": 1})
        def ten_done():
            return sum(state == "COMPLETED" for state in self.states(array).values()) == 10
        until(ten_done, "ten elements to be done")
        self.assertEqual(self.states(array)[f"{array}_[10-99]"], "PENDING")
        self.assertEqual(self.reason(f"{array}_50"), "JobHeldUser")

    def test_a_job_may_release_elements_of_another_array(self):
        array = self.sbatch("--hold", "--array=0-3", wrap="true")
        job = self.sbatch(wrap=f"scontrol release {array}_2")
        self.assertEqual(self.wait_for_end(job), {job: "COMPLETED"})
        self.wait_for_state(f"{array}_2", "COMPLETED")
        self.assertEqual(self.rows(array)[f"{array}_1"], "PENDING")


class Dependencies(SlurmCase):
    def test_the_child_of_a_failed_array_waits_for_ever(self):
        parent = self.sbatch("--array=0-3", wrap="test $SLURM_ARRAY_TASK_ID != 2")
        child = self.sbatch(f"--dependency=afterok:{parent}", wrap="true")
        until(lambda: self.reason(child) == "DependencyNeverSatisfied", "the dependency to be impossible")
        self.assertEqual(self.show(child)["JobState"], "PENDING")

    def test_the_child_of_a_failed_array_is_cancelled_when_asked(self):
        parent = self.sbatch("--array=0-3", wrap="test $SLURM_ARRAY_TASK_ID != 2")
        child = self.sbatch(f"--dependency=afterok:{parent}", "--kill-on-invalid-dep=yes", wrap="true")
        self.wait_for_state(child, "CANCELLED")

    def test_what_is_held_is_not_cancelled_for_its_dependency(self):
        parent = self.sbatch(wrap="false")
        held = self.sbatch("--hold", f"--dependency=afterok:{parent}", "--kill-on-invalid-dep=yes", wrap="true")
        self.wait_for_end(parent)
        self.wait_for_cycles(4)
        self.assertEqual((self.show(held)["JobState"], self.reason(held)), ("PENDING", "JobHeldUser"))
        self.succeed("scontrol", "release", held)
        self.wait_for_state(held, "CANCELLED")

    def test_afterany_runs_after_a_failure(self):
        parent = self.sbatch("--array=0-1", wrap="false")
        child = self.sbatch(f"--dependency=afterany:{parent}", wrap="true")
        self.assertEqual(self.wait_for_end(child), {child: "COMPLETED"})

    def test_the_owner_may_take_an_impossible_dependency_away(self):
        parent = self.sbatch(wrap="false")
        child = self.sbatch(f"--dependency=afterok:{parent}", wrap="true")
        until(lambda: self.reason(child) == "DependencyNeverSatisfied", "the dependency to be impossible")
        self.succeed("scontrol", "update", f"JobId={child}", "Dependency=")
        self.assertEqual(self.wait_for_end(child), {child: "COMPLETED"})

    def test_a_child_that_could_never_run_stays_so_though_its_parent_succeeds_later(self):
        # The parent fails once and is then requeued by hand; it waits about cred_expire before it starts again.
        marker = self.path("second time")
        parent = self.sbatch("--requeue", wrap=f"test -e '{marker}'")
        child = self.sbatch(f"--dependency=afterok:{parent}", wrap="true")
        until(lambda: self.reason(child) == "DependencyNeverSatisfied", "the dependency to be impossible")
        with open(marker, "w", encoding="utf-8"):
            pass
        self.succeed("scontrol", "requeue", parent)
        self.wait_for_state(parent, "COMPLETED")
        self.wait_for_cycles()
        self.assertEqual(self.reason(child), "DependencyNeverSatisfied")

    def test_an_unknown_id_counts_as_done_or_is_refused(self):
        # 22.05 runs the child as if its parent had succeeded; 24.11 refuses. foz names only ids that it has just seen.
        done = self.try_sbatch("--dependency=afterok:9999", wrap="true")
        if done.code != 0:
            self.assertIn("Job dependency problem", done.err)
        else:
            self.assertEqual(self.wait_for_end(done.out.strip()), {done.out.strip(): "COMPLETED"})

    def test_aftercorr_is_not_element_by_element(self):
        # Slurm splits ten elements off the dependent array at a time, in order: twelve slow parents hold up the partners of all others.
        gate = self.path("gate")
        parent = self.sbatch("--array=0-29", wrap=f"[ $SLURM_ARRAY_TASK_ID -ge 12 ] || until [ -e '{gate}' ]; do sleep 0.2; done")
        child = self.sbatch("--array=0-29", f"--dependency=aftercorr:{parent}", wrap="true")
        until(lambda: sum(state == "COMPLETED" for state in self.states(parent).values()) == 18, "18 parents to be done")
        self.wait_for_cycles()
        ran = [element for element, state in self.states(child).items() if state != "PENDING"]
        with open(gate, "w", encoding="utf-8"):
            pass
        self.assertEqual(set(self.wait_for_end(child).values()), {"COMPLETED"})
        self.assertEqual(ran, [], "aftercorr has become element by element: 'each' edges could use it")


if __name__ == "__main__":
    unittest.main()
