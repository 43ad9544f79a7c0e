"""What foz takes for granted when a job gives itself back to the queue: requeue, parking, what may be changed on the way.

Each of these waits as long as credentials live (cred_expire, here 5 s), so all jobs are submitted first.
"""
import os
import time
import unittest

from slurmbox import SlurmCase, until


PARKED = "job requeued in held state"


class Requeue(SlurmCase):
    SANDBOX = ("--nodes", "4", "--conf", "JobRequeue=0")

    @classmethod
    def submit_early(cls):
        cls.appended = os.path.join(cls.class_folder, "appended.log")
        cls.truncated = os.path.join(cls.class_folder, "truncated.log")
        twice = 'echo attempt ${SLURM_RESTART_COUNT:-0}; [ -n "$SLURM_RESTART_COUNT" ] || { scontrol requeue $SLURM_JOB_ID; sleep 60; }'
        cls.requeues = cls.sbatch("--requeue", "--open-mode=append", f"--output={cls.appended}", wrap=twice)
        cls.truncates = cls.sbatch("--requeue", f"--output={cls.truncated}", wrap=twice)
        allow = "[ -n \"$SLURM_RESTART_COUNT\" ] || { scontrol update JobId=$SLURM_JOB_ID Requeue=1; scontrol requeue $SLURM_JOB_ID; sleep 60; }"
        cls.allows = cls.sbatch(wrap=allow)
        cls.parent = cls.sbatch("--requeue", "--array=0-3", wrap='[ $SLURM_ARRAY_TASK_ID != 1 ] || [ -n "$SLURM_RESTART_COUNT" ] || '
                                "{ scontrol requeue $SLURM_JOB_ID; sleep 60; }")
        cls.child = cls.sbatch(f"--dependency=afterok:{cls.parent}", "--kill-on-invalid-dep=yes", wrap="true")

    def test_requeue_is_refused_where_the_site_forbids_it(self):
        job = self.sbatch(wrap="sleep 60")
        self.wait_for_state(job, "RUNNING")
        refused = self.slurm("scontrol", "requeue", job)
        self.assertNotEqual(refused.code, 0)
        self.assertEqual(self.show(job)["JobState"], "RUNNING")
        self.succeed("scancel", job)

    def test_requeue_as_an_option_overrides_the_site(self):
        self.assertEqual(self.wait_for_end(self.requeues), {self.requeues: "COMPLETED"})
        self.assertEqual(self.show(self.requeues)["Restarts"], "1")

    def test_the_owner_may_allow_requeue_from_inside(self):
        self.assertEqual(self.wait_for_end(self.allows), {self.allows: "COMPLETED"})
        self.assertEqual(self.show(self.allows)["Restarts"], "1")

    def test_only_append_keeps_the_log_of_the_first_attempt(self):
        self.wait_for_end(self.requeues)
        self.wait_for_end(self.truncates)
        with open(self.appended, encoding="utf-8") as file:
            self.assertEqual([line for line in file if line.startswith("attempt")], ["attempt 0\n", "attempt 1\n"])
        with open(self.truncated, encoding="utf-8") as file:
            self.assertEqual([line for line in file if line.startswith("attempt")], ["attempt 1\n"])

    def test_an_element_that_requeues_itself_keeps_its_dependants_waiting(self):
        self.assertEqual(self.wait_for_end(self.child), {self.child: "COMPLETED"})
        self.assertEqual(self.show(f"{self.parent}_1")["Restarts"], "1")
        self.assertEqual(self.show(f"{self.parent}_0")["Restarts"], "0")

    def test_a_requeued_job_waits_about_as_long_as_credentials_live(self):
        job = self.sbatch("--requeue", wrap="[ -n \"$SLURM_RESTART_COUNT\" ] || sleep 60")
        self.wait_for_state(job, "RUNNING")
        start = time.monotonic()
        self.succeed("scontrol", "requeue", job)
        self.wait_for_state(job, "PENDING")
        self.assertEqual(self.reason(job), "BeginTime")
        self.wait_for_state(job, "COMPLETED")
        self.assertLess(time.monotonic() - start, 30)


class Parking(SlurmCase):
    SANDBOX = ("--nodes", "4")

    @classmethod
    def submit_early(cls):
        # Fails at first and parks itself instead of ending; scontrol runs with TERM ignored, and its exit status is written down.
        cls.codes = os.path.join(cls.class_folder, "codes")
        park = ('[ -z "$SLURM_RESTART_COUNT" ] || exit 0\n'
                "trap '' TERM\n"
                "scontrol requeuehold $SLURM_JOB_ID; echo shielded $? >> {codes}\n"
                "scontrol update JobId=$SLURM_JOB_ID ExcNodeList=$SLURMD_NODENAME MinMemoryNode=200; echo update $? >> {codes}\n"
                "sleep 1\n").format(codes=cls.codes)
        cls.parked = cls.sbatch("--requeue", "--array=3", "--mem=100", script="#!/bin/bash\n" + park)
        cls.dependant = cls.sbatch(f"--dependency=afterok:{cls.parked}", wrap="true")
        cls.heard = os.path.join(cls.class_folder, "heard")
        cls.listens = cls.sbatch("--requeue", script="#!/bin/bash\n[ -z \"$SLURM_RESTART_COUNT\" ] || exit 0\n"
                                 f"trap 'echo script >> {cls.heard}; exit' TERM\n"
                                 f"setsid bash -c \"trap 'echo child >> {cls.heard}; exit' TERM; echo > {cls.heard}.ready; while :; do sleep 0.1; done\" &\n"
                                 f"until [ -e {cls.heard}.ready ]; do sleep 0.1; done\n"
                                 "scontrol requeuehold $SLURM_JOB_ID\nwhile :; do sleep 0.1; done\n")

    def test_a_job_may_park_itself_be_changed_and_go_on_under_its_old_id(self):
        element = f"{self.parked}_3"
        until(lambda: self.reason(element) == PARKED, "the job to be parked")
        first_node = until(lambda: self.show(element).get("ExcNodeList"), "the update")
        until(lambda: self.show(element).get("JobState") in ("PENDING", "REQUEUE_HOLD"), "the end of completing")
        shown = self.show(element)
        self.assertEqual(shown["MinMemoryNode"], "200M")
        self.assertEqual(self.reason(self.dependant), "Dependency")
        self.succeed("scontrol", "release", element)
        self.wait_for_state(element, "COMPLETED")
        self.assertNotEqual(self.show(element)["NodeList"], first_node)
        self.assertEqual(self.wait_for_end(self.dependant), {self.dependant: "COMPLETED"})
        with open(self.codes, encoding="utf-8") as file:
            self.assertEqual(file.read(), "shielded 0\nupdate 0\n")

    def test_parking_signals_every_process_of_the_job_its_caller_included(self):
        # So scontrol itself may die of TERM though its request was taken: foz shields it, and looks at the job instead of the exit status.
        until(lambda: self.reason(self.listens) == PARKED, "the job to be parked")
        self.wait_for_state(self.listens, "PENDING")
        with open(self.heard, encoding="utf-8") as file:
            self.assertEqual(set(file.read().split()), {"child", "script"})

    def test_the_owner_may_change_a_waiting_job(self):
        job = self.sbatch("--hold", "--mem=100", "--time=10", wrap="true")
        self.succeed("scontrol", "update", f"JobId={job}", "ExcNodeList=n1", "MinMemoryNode=300", "TimeLimit=5")
        def moved():
            # 24.11 and 26.05 refuse another partition for a moment, again and again: to be tried once more.
            done = self.slurm("scontrol", "update", f"JobId={job}", "Partition=short")
            self.assertIn("Resource temporarily unavailable" if done.code else "", done.err)
            return done.code == 0
        until(moved, "the partition to be changed", 30, 0.3)
        shown = self.show(job)
        self.assertEqual((shown["ExcNodeList"], shown["MinMemoryNode"], shown["TimeLimit"], shown["Partition"]), ("n1", "300M", "00:05:00", "short"))


if __name__ == "__main__":
    unittest.main()
