"""Ctrl-C while foz sends: the Slurm command that runs ends with it, and whatever came of its request is found by `foz cancel`."""
import json
import os
import shutil
import signal
import sys
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "..", "support"))
from foztest import FozCase, until  # noqa: E402

FLOW = "  a: {run: 'echo x >> a.made'}\n"


def is_gone(pid):
    try:
        with open(f"/proc/{pid}/stat", encoding="utf-8") as file:
            return file.read().rsplit(")", 1)[1].split()[0] == "Z"
    except FileNotFoundError:
        return True


class Interrupted(FozCase):
    SANDBOX = ("--nodes", "1", "--cpus", "2")
    SCHEDULER = "commands"

    def stand_in(self, script):
        """An sbatch that says its pid and then does as told."""
        self.write("bin/sbatch", "#!/bin/sh\n" + script, 0o755)
        self.env.update(PATH=self.path("bin") + ":" + self.env["PATH"])

    def interrupt_while_sending(self, script):
        real = shutil.which("sbatch", path=self.env["PATH"])
        os.mkdir(self.path("told"))
        told = self.path("told")
        self.workflow(FLOW)
        self.stand_in(f"told='{told}'\nreal='{real}'\n{script}")
        foz = self.start("run", "flow.yaml")
        pid = int(until(lambda: os.path.exists(self.path("told", "pid")) and self.read("told/pid").strip(), "sbatch to begin"))
        foz.send_signal(signal.SIGINT)
        said, _ = foz.communicate(timeout=30)
        self.assertEqual(foz.returncode, 130, said)
        self.assertIn("may be sent in part", said)
        until(lambda: is_gone(pid), "sbatch to end with foz", 10)

    def assert_cancelled(self):
        status = self.status()
        self.assertEqual(status["state"], "cancelled", json.dumps(status))
        self.assertFalse(os.path.exists(self.path("a.made")))

    def test_slow_sbatch_ends_with_foz(self):
        self.interrupt_while_sending('echo $$ > "$told/pid.new"; mv "$told/pid.new" "$told/pid"\nsleep 600\nexec "$real" "$@"\n')
        done = self.foz("cancel")
        self.assertEqual(done.code, 0, done.text)
        self.assertIn("no job of it is in the queue\n  note: a request for stage 'a' was on its way when it was cancelled", done.out)
        self.assertEqual(self.queue(), [])
        self.assert_cancelled()

    def test_request_that_had_left_is_found(self):
        self.interrupt_while_sending('"$real" "$@" > "$told/job"\necho $$ > "$told/pid.new"; mv "$told/pid.new" "$told/pid"\nsleep 600\n')
        done = self.foz("cancel")
        self.assertEqual(done.code, 0, done.text)
        self.assertIn("no job of it is left\n", done.out)
        self.assertEqual(self.queue(), [])
        self.assert_cancelled()

    def test_request_that_arrives_after_the_cancel_is_said_and_ended(self):
        self.interrupt_while_sending('setsid sh -c \'told=$1; shift; until [ -e "$told/go" ]; do sleep 0.1; done; "$@" > "$told/job"\' sh "$told" "$real" "$@" &\n'
                                     'echo $$ > "$told/pid.new"; mv "$told/pid.new" "$told/pid"\nwait\n')
        self.assertIn("was on its way", self.foz("cancel").out)
        self.write("told/go", "")
        job = until(lambda: os.path.exists(self.path("told", "job")) and self.read("told/job").strip(), "the late job").split(";")[0]
        self.assertIn(f"stage 'a' is cancelled, and job {job} of it has come since (PENDING): 'foz advance' ends it", self.foz("status").out)
        done = self.foz("cancel")
        self.assertEqual(done.code, 0, done.text)
        self.assertIn("no job of it is left\n", done.out)
        self.assertEqual(self.queue(), [])
        self.assert_cancelled()


if __name__ == "__main__":
    unittest.main()
