"""Each rank is told once to end, whoever ends its task: Slurm signals every process of a job by itself."""
import glob
import os
import sys
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "..", "support"))
from foztest import FozCase, run, until  # noqa: E402

# Its own file says what it saw; a handler that runs twice writes two lines. It goes on for a while after the first.
COUNT = """import os, signal, time
seen = open("seen.%s.%s" % (os.environ["FOZ_TASK_NAME"], os.environ["FOZ_RANK"]), "a")
told = []
def term(*_):
    told.append(1)
    print("TERM", file=seen, flush=True)
signal.signal(signal.SIGTERM, term)
print("ready", file=seen, flush=True)
while not told:
    time.sleep(0.01)
end = time.monotonic() + 1.5
while time.monotonic() < end:
    time.sleep(0.01)
print("saved", file=seen, flush=True)
"""


class OneTerm(FozCase):
    SANDBOX = ("--nodes", "4", "--cpus", "16")

    def seen(self):
        return {os.path.basename(path): self.read(path).split() for path in glob.glob(self.path("seen.*"))}

    def begin(self, ranks, stages):
        self.write("count.py", COUNT)
        self.workflow(stages)
        self.assertEqual(self.foz("run", "flow.yaml").code, 0)
        until(lambda: [s for s in self.seen().values() if s] == [["ready"]] * ranks, f"{ranks} ranks that are ready", 90)

    def check(self, ranks):
        until(lambda: not self.queue(), "an empty queue", 90)
        self.assertEqual(list(self.seen().values()), [["ready", "TERM", "saved"]] * ranks, self.seen())

    def test_by_foz_cancel_of_ten_tasks_of_one_node(self):
        self.begin(10, "  one: {matrix: {n: 1..10}, run: [python3, count.py]}\n")
        self.assertEqual(self.foz("cancel").code, 0)
        self.check(10)

    def test_by_foz_cancel_below_a_shell(self):
        """Slurm's TERM ends the shell at once: what it ran is still given the time to save."""
        self.begin(10, "  one: {matrix: {n: 1..10}, run: 'python3 count.py; echo not reached'}\n")
        self.assertEqual(self.foz("cancel").code, 0)
        self.check(10)

    def test_by_scancel_of_tasks_of_two_nodes(self):
        self.begin(12, "  two: {matrix: {n: 1..3}, run: [python3, count.py], resources: {nodes: 2, ranks_per_node: 2}}\n")
        self.assertEqual(run(["scancel", "--user", str(os.getuid())], env=self.env).code, 0)
        self.check(12)

    def test_by_scancel_of_the_batch_script_alone(self):
        self.begin(1, "  one: {run: [python3, count.py]}\n")
        job = self.queue()[0].split()[0]
        self.assertEqual(run(["scancel", "--batch", "--signal=TERM", job], env=self.env).code, 0)
        self.check(1)

    def test_by_the_time_limit(self):
        """To ranks of a step (several nodes) Slurm sends it twice there, one after the other."""
        self.begin(5, "  one: {run: [python3, count.py], resources: {time: 1m}}\n"
                      "  two: {run: [python3, count.py], resources: {nodes: 2, ranks_per_node: 2, time: 1m}}\n")
        until(lambda: not self.queue(), "an empty queue", 150)
        seen = self.seen()
        self.assertEqual(seen.pop("seen.one.0"), ["ready", "TERM", "saved"])
        for name, lines in seen.items():
            self.assertIn(lines, (["ready", "TERM", "saved"], ["ready", "TERM", "TERM", "saved"]), name)
        self.assertEqual({self.task(stage)["class"] for stage in ("one", "two")}, {"timeout"})


if __name__ == "__main__":
    unittest.main()
