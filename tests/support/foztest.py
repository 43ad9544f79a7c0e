"""Whole-program tests: a private Slurm, a folder with a workflow, and the foz that was just built.

    class Something(FozCase):
        def test_it(self):
            self.workflow('''...''')
            done = self.foz("run", "flow.yaml", "--wait")
            self.assertEqual(done.code, 0, done.text)

FOZ_BIN names the program. Each class has one sandbox (SANDBOX holds `foz sandbox up` options), each test a folder of its own that is removed
unless the test failed; then its place is printed. Nothing waits for time to pass: until() waits for a condition, with a bound.
"""
import json
import os
import shutil
import signal
import subprocess
import tempfile
import time
import unittest

FOZ = os.environ.get("FOZ_BIN", "")


class Done:
    def __init__(self, code, out, err):
        self.code, self.out, self.err = code, out, err

    @property
    def text(self):
        return f"exit {self.code}\n--- stdout\n{self.out}\n--- stderr\n{self.err}"


def run(argv, env=None, cwd=None, timeout=120, text=None):
    done = subprocess.run(argv, env=env, cwd=cwd, timeout=timeout, input=text, capture_output=True, errors="replace",
                          encoding="utf-8", stdin=None if text is not None else subprocess.DEVNULL)
    return Done(done.returncode, done.stdout, done.stderr)


def until(condition, what, seconds=60, pause=0.05):
    """The condition's first true value; fails after `seconds`."""
    end = time.monotonic() + seconds
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() > end:
            raise AssertionError(f"waited {seconds} s in vain for {what}")
        time.sleep(pause)


class Sandbox:
    """A private Slurm by `foz sandbox`."""

    def __init__(self, *options):
        self.name = f"test-{os.getpid()}-{os.urandom(3).hex()}"
        self.options = options

    def __enter__(self):
        base = {k: v for k, v in os.environ.items() if not k.startswith(("SLURM_", "SBATCH_", "FOZ_SITE"))}
        done = run([FOZ, "sandbox", "up", "--name", self.name, "--json", *self.options], env=base)
        if done.code != 0:
            raise AssertionError("foz sandbox up: " + done.text)
        self.facts = json.loads(done.out)
        self.env = dict(base, FOZ_SITE="sandbox", NO_COLOR="1", **self.facts["environment"]["set"])
        return self

    def __exit__(self, *_):
        down = run([FOZ, "sandbox", "down", "--name", self.name])
        if down.code != 0:
            raise AssertionError("foz sandbox down: " + down.text)

    def daemons(self):
        return json.loads(run([FOZ, "sandbox", "status", "--name", self.name, "--json"]).out)["daemons"]

    def pid_of(self, role):
        return next(d["pid"] for d in self.daemons() if d["role"] == role and d["alive"])

    def words(self):
        """Which daemons live, and the last words of all, for the report of a failed test (which must not fail itself)."""
        try:
            return self.last_words()
        except (OSError, ValueError, KeyError) as error:
            return f"nothing can be said of the sandbox: {error}"

    def last_words(self):
        said = ["daemons: " + ", ".join(f"{d['role']} {'lives' if d['alive'] else 'IS GONE'}" for d in self.daemons())]
        folder = os.path.join(self.facts["folder"], "log")
        for name in sorted(os.listdir(folder)):
            with open(os.path.join(folder, name), encoding="utf-8", errors="replace") as file:
                said += [f"{name} ends with:", *("  " + line.rstrip() for line in file.readlines()[-12:])]
        return "\n".join(said)


class FozCase(unittest.TestCase):
    SANDBOX = ("--nodes", "4", "--cpus", "4")
    SCHEDULER = os.environ.get("FOZ_TEST_SCHEDULER", "auto")
    maxDiff = None

    @classmethod
    def setUpClass(cls):
        cls.box = Sandbox(*cls.SANDBOX)
        cls.enterClassContextCompat(cls.box)

    @classmethod
    def enterClassContextCompat(cls, context):
        context.__enter__()
        cls.addClassCleanup(context.__exit__, None, None, None)

    def setUp(self):
        self.folder = tempfile.mkdtemp(prefix="foz test ")  # with a space, as users have them
        self.env = dict(self.box.env)
        self.addCleanup(self.clean)

    def clean(self):
        run(["scancel", "--user", str(os.getuid())], env=self.env)
        try:
            until(lambda: not run(["squeue", "-h"], env=self.env).out.strip(), "an empty queue", 60)
        except AssertionError as error:
            raise AssertionError(f"{error}\n{self.box.words()}") from error
        failed = any(error for _, error in getattr(self._outcome, "errors", []) or [])
        result = getattr(self._outcome, "result", None)
        if result is not None:
            failed = failed or any(case is self for case, _ in result.failures + result.errors)
        if failed:
            print(f"{self.id()}: its folder is {self.folder}")
        else:
            shutil.rmtree(self.folder, ignore_errors=True)

    def path(self, *parts):
        return os.path.join(self.folder, *parts)

    def write(self, name, text, mode=0o644):
        path = self.path(name)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "w", encoding="utf-8") as file:
            file.write(text)
        os.chmod(path, mode)
        return path

    def read(self, name):
        with open(self.path(name), encoding="utf-8", errors="replace") as file:
            return file.read()

    def workflow(self, text, name="flow.yaml"):
        self.write(name, "foz: 1\nname: test\nstages:\n" + text)

    def foz(self, *args, env=None, timeout=120):
        return run([FOZ, "--scheduler", self.SCHEDULER, *args], env=env or self.env, cwd=self.folder, timeout=timeout)

    def start(self, *args, env=None):
        """A foz that goes on beside the test."""
        process = subprocess.Popen([FOZ, "--scheduler", self.SCHEDULER, *args], env=env or self.env, cwd=self.folder,
                                   stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        self.addCleanup(lambda: (process.poll() is None and process.kill(), process.communicate()))
        return process

    def run_to_end(self, *args, code=0, timeout=120):
        done = self.foz("run", "flow.yaml", "--wait", *args, timeout=timeout)
        self.assertEqual(done.code, code, done.text)
        return done

    def status(self, run_id="latest"):
        done = self.foz("status", run_id, "--json")
        self.assertIn(done.code, (0, 3), done.text)
        return json.loads(done.out)

    def stage(self, name, status=None):
        return next(s for s in (status or self.status())["stages"] if s["name"] == name)

    def task(self, stage, index=0, status=None):
        return next(t for t in self.stage(stage, status)["known"] if t["index"] == index)

    def run_folder(self):
        runs = self.path(".foz", "runs")
        return os.path.join(runs, max(os.listdir(runs), key=lambda r: os.stat(os.path.join(runs, r)).st_mtime_ns))

    def records(self):
        """What the journal holds; empty lines mean nothing, and a last line without its end is still being written."""
        found = []
        journal = os.path.join(self.run_folder(), "journal")
        for name in sorted(os.listdir(journal)):
            with open(os.path.join(journal, name), encoding="utf-8") as file:
                found += [json.loads(line) for line in file if line.strip() and line.endswith("\n") and '"foz_journal"' not in line]
        return found

    def queue(self):
        return run(["squeue", "-h", "-r", "-o", "%i %T %j"], env=self.env).out.split("\n")[:-1]


__all__ = ["FozCase", "Sandbox", "Done", "run", "until", "signal", "FOZ"]
