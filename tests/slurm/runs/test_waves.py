"""A run larger than the queue: advance jobs send on, with nobody on the login node."""
import getpass
import os
import sys
import time
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "..", "support"))
from foztest import FozCase, run, until  # noqa: E402

PLACES = 10


class Waves(FozCase):
    SANDBOX = ("--nodes", "2", "--cpus", "4")

    def site(self, text):
        self.env["FOZ_SITE"] = self.write("small.yaml", f"foz_site: 1\nname: small\npolling_floor: 2s\n{text}")

    def in_queue(self):
        return len([job for job in self.queue() if " COMPLETING " not in job])

    def lines(self, name):
        return sorted(self.read(name).split())

    def test_goes_through_the_queue_alone_and_never_fills_it(self):
        self.site(f"jobs_at_once: {PLACES}\n")
        self.workflow("  train: {matrix: {i: 1..14}, run: [sh, -c, 'echo $1 >> trained', x, '${{ matrix.i }}']}\n"
                      "  evaluate: {needs: {train: each}, run: [sh, -c, 'echo $1 >> evaluated', x, '${{ matrix.i }}']}\n"
                      "  best: {needs: {evaluate: finished}, run: [sh, -c, 'echo one >> best']}\n")
        plan = self.foz("plan", "flow.yaml")
        self.assertIn(f"29 tasks are more than the {PLACES} that may be in the queue at once", plan.out)
        started = self.foz("run", "flow.yaml")
        self.assertEqual(started.code, 0, started.text)
        most = 0
        end = time.monotonic() + 120
        while not os.path.exists(self.path("best")) and time.monotonic() < end:
            most = max(most, self.in_queue())
            time.sleep(0.1)
        until(lambda: self.in_queue() == 0, "an empty queue")
        self.assertEqual(self.status()["state"], "succeeded")
        numbers = sorted(str(i) for i in range(1, 15))
        self.assertEqual((self.lines("trained"), self.lines("evaluated"), self.lines("best")), (numbers, numbers, ["one"]))
        self.assertLessEqual(most, PLACES)
        advanced = [r for r in self.records() if r["k"] == "submitted" and r["stage"] == "+advance"]
        self.assertGreater(len(advanced), 2)

    def test_advance_jobs_that_still_wait_at_the_end_are_cancelled(self):
        self.site(f"jobs_at_once: {PLACES}\n")
        self.workflow("  s: {matrix: {i: 1..14}, run: [sh, -c, 'until test -e go; do sleep 0.1; done']}\n")
        for last in (["advance", "--wait"], ["advance"]):
            with self.subTest(by=last):
                if os.path.exists(self.path("go")):
                    os.remove(self.path("go"))
                self.assertEqual(self.foz("run", "flow.yaml").code, 0)
                held = self.waiting_advance_jobs()[-1]
                self.scontrol("hold", held)  # as where others fill the cluster: it does not start
                self.write("go", "")
                if "--wait" not in last:
                    until(lambda: self.status()["state"] == "succeeded", "the end of the run")
                    until(lambda: [job.split()[0] for job in self.queue()] in ([], [held]), "the end of all jobs but the held one")
                ended = self.foz(*last)
                if "--wait" not in last:
                    self.assertRegex(ended.out, r": 0 submitted, 0 adopted, 0 released, [01] cancelled; every task is over\n$")
                self.assertEqual(ended.code, 0, ended.text)
                until(lambda: not self.queue(), "an empty queue", seconds=30)
                status = self.status()
                self.assertEqual((status["state"], status["remarks"]), ("succeeded", []))
                notes = [r["text"] for r in self.records() if r["k"] == "note"]
                self.assertIn(f"the run is over: advance job {held} is cancelled, there is nothing left to send", notes)

    def waiting_advance_jobs(self):
        return [job.split()[0] for job in self.queue() if " +advance@" in job and " PENDING " in job]

    def test_cancel_leaves_no_advance_job(self):
        self.site(f"jobs_at_once: {PLACES}\n")
        self.workflow("  s: {matrix: {i: 1..20}, run: [sleep, '600']}\n")
        started = self.foz("run", "flow.yaml")
        self.assertEqual(started.code, 0, started.text)
        self.assertTrue([job for job in self.queue() if " +advance@" in job], self.queue())
        cancelled = self.foz("cancel")
        self.assertEqual(cancelled.code, 0, cancelled.text)
        self.assertEqual(self.in_queue(), 0)
        self.assertEqual(self.status()["state"], "cancelled")

    def test_a_later_part_that_is_refused_is_told_once_and_is_in_the_json(self):
        self.site(f"jobs_at_once: {PLACES}\n")
        self.scontrol("create", "reservation", "ReservationName=ours", "StartTime=now", "Duration=60", f"Users={getpass.getuser()}", "NodeCnt=1")
        self.workflow("  first: {run: ['true']}\n  s: {matrix: {i: 1..16}, run: ['true'], slurm: {reservation: ours}}\n")
        started = self.foz("run", "flow.yaml")
        self.assertEqual(started.code, 0, started.text)
        self.assertNotIn("refused", started.out)
        done = run(["scancel", *[job.split()[0] for job in self.queue() if " +advance@" in job]], env=self.env)
        self.assertEqual(done.code, 0, done.text)
        until(lambda: not self.queue(), "the end of the first wave")
        self.scontrol("delete", "ReservationName=ours")
        sent = self.stage("s")["counts"]["succeeded"]
        first = self.unsent()["first"]
        advanced = self.foz("advance")
        self.assertEqual(advanced.code, 0, advanced.text)
        self.assertRegex(advanced.out, r": \d+ submitted, 0 adopted, 0 released, 0 cancelled, [1-9]\d* refused for good; every task is over\n$")
        status = self.status()
        stage = self.stage("s", status)
        self.assertEqual((status["state"], stage["counts"]), ("failed", {"failed": 16 - sent, "succeeded": sent}))
        group = dict(stage["groups"][-1])
        sentence = group.pop("sentence")
        self.assertEqual(group, {"first": first, "last": 15, "state": "failed", "class": "launch_failed", "source": "journal"})
        self.assertTrue(sentence.startswith("Slurm refused job "), sentence)
        self.assertEqual(status["remarks"], [f"the rest of stage 's' is not sent: {sentence}"])
        text = self.foz("status").out
        self.assertEqual(text.count("Slurm refused job"), 1, text)
        self.assertIn(f"      {16 - sent} tasks like this: {first}-15\n", text)

    def scontrol(self, *words):
        done = run(["scontrol", *words], env=self.env)
        self.assertEqual(done.code, 0, done.text)

    def unsent(self):
        return next(g for g in self.stage("s")["groups"] if g.get("sentence") == "not sent yet")


if __name__ == "__main__":
    unittest.main()
