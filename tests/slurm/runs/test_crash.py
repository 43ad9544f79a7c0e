"""kill -9 of `foz run` at any moment: `foz advance` finishes or undoes; no job twice and none lost."""
import os
import signal
import sys
import time
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "..", "support"))
from foztest import FozCase  # noqa: E402


class KillRun(FozCase):
    SANDBOX = ("--nodes", "4", "--cpus", "16")

    def test_kill_at_many_moments(self):
        """The unit tests stop the world between each pair of effects; here the real program is killed after a growing delay."""
        for step in range(20):
            with self.subTest(step=step):
                name = f"k{step}"
                self.write(f"{name}/flow.yaml", "foz: 1\nname: test\nstages:\n"
                           "  a: {matrix: {n: 0..3}, run: 'echo x >> a.$FOZ_TASK_INDEX'}\n"
                           "  b: {needs: {a: each}, run: 'echo x >> b.$FOZ_TASK_INDEX'}\n"
                           "  c: {needs: b, run: 'echo x >> c'}\n")
                home = self.folder
                self.folder = os.path.join(home, name)
                try:
                    process = self.start("run", "flow.yaml")
                    time.sleep(0.012 * step)  # where it hits is by chance; every place must do
                    process.send_signal(signal.SIGKILL)
                    process.wait()
                    runs = os.path.join(self.folder, ".foz", "runs")
                    whole = os.path.isdir(runs) and any(not r.startswith(".") for r in os.listdir(runs))
                    if not whole:
                        continue  # killed before there was a run: nothing was sent
                    done = self.foz("advance", "--wait")
                    self.assertEqual(done.code, 0, done.text)
                    made = sorted(f for f in os.listdir(self.folder) if f[0] in "abc")
                    self.assertEqual(made, ["a.0", "a.1", "a.2", "a.3", "b.0", "b.1", "b.2", "b.3", "c"])
                    self.assertEqual({self.read(f) for f in made}, {"x\n"})
                finally:
                    self.folder = home


if __name__ == "__main__":
    unittest.main()
