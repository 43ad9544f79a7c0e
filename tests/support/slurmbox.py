"""Tests of Slurm itself: what foz takes for granted, one test each, on a private Slurm.

    class Something(SlurmCase):
        SANDBOX = ("--nodes", "2")
        def test_it(self):
            job = self.sbatch("--ntasks=1", wrap="true")
            self.wait_for_end(job)

FOZ_BIN names the foz whose sandbox is used. Each class has one sandbox, each test its own folder. Every wait is for a condition and has a bound.
"""
import os
import re
import shutil
import subprocess
import tempfile
import unittest

from foztest import Done, Sandbox, run, until

WAITING = {"PENDING", "CONFIGURING", "REQUEUED", "REQUEUE_HOLD", "REQUEUE_FED", "SPECIAL_EXIT"}


class SlurmCase(unittest.TestCase):
    SANDBOX = ()
    maxDiff = None

    @classmethod
    def setUpClass(cls):
        path = os.environ.get("PATH", "") + ":/usr/local/sbin:/usr/sbin:/sbin"
        missing = [name for name in ("munged", "slurmctld", "slurmd", "sbatch") if not shutil.which(name, path=path)]
        if missing:
            raise unittest.SkipTest(f"SKIPPED: {', '.join(missing)} not installed (Debian packages slurm-wlm, munge)")
        cls.box = Sandbox(*cls.SANDBOX)
        cls.box.__enter__()
        cls.addClassCleanup(cls.box.__exit__, None, None, None)
        cls.release = tuple(int(part) for part in cls.box.facts["release"].split(".")[:2])
        cls.class_folder = tempfile.mkdtemp(prefix="foz-slurm-")
        cls.addClassCleanup(shutil.rmtree, cls.class_folder, ignore_errors=True)
        cls.submit_early()

    @classmethod
    def submit_early(cls):
        """For what takes long: submitted here, waited for in its test."""

    def setUp(self):
        self.folder = tempfile.mkdtemp(dir=self.class_folder)

    def path(self, name):
        return os.path.join(self.folder, name)

    def read(self, name, seconds=30):
        """The whole of a file that a job writes and then renames into place, or that ends with a line feed."""
        path = self.path(name)
        def complete():
            if not os.path.exists(path):
                return None
            with open(path, "rb") as file:
                data = file.read()
            return data if data.endswith(b"\n") else None
        return until(complete, f"'{name}'", seconds).decode("utf-8", "surrogateescape")

    @classmethod
    def env(cls, **more):
        return {**cls.box.env, **more}

    @classmethod
    def slurm(cls, *argv, env=None, timeout=60):
        return run(list(argv), env=env or cls.box.env, cwd=cls.class_folder, timeout=timeout)

    @classmethod
    def succeed(cls, *argv, **options):
        done = cls.slurm(*argv, **options)
        if done.code != 0:
            raise AssertionError(f"{argv}: {done.text}")
        return done.out.strip()

    @classmethod
    def try_sbatch(cls, *options, wrap=None, script=None, env=None, timeout=60):
        argv = ["sbatch", "--parsable", "--output=/dev/null", *options]
        if script is None:
            return cls.slurm(*argv, "--wrap", wrap, env=env, timeout=timeout)
        return run(argv, env=env or cls.box.env, cwd=cls.class_folder, timeout=timeout, text=script)

    @classmethod
    def sbatch(cls, *options, **more):
        done = cls.try_sbatch(*options, **more)
        if done.code != 0:
            raise AssertionError(f"sbatch {options}: {done.text}")
        return done.out.strip()

    @classmethod
    def show(cls, job):
        """One job, or array element, as Slurm has it: {} when it is forgotten."""
        done = cls.slurm("scontrol", "--oneliner", "show", "job", job)
        return dict(re.findall(r"(\w+)=(\S*)", done.out.split("\n")[0])) if done.code == 0 else {}

    @classmethod
    def states(cls, job):
        """{element or id: state} of a job or array; "ID_[..]" for elements that are still one record."""
        out = cls.slurm("squeue", "--noheader", "--jobs", job, "--states=all", "--format=%i|%T").out
        return dict(line.split("|") for line in out.split())

    @classmethod
    def rows(cls, job):
        """The same with every element on a row of its own."""
        out = cls.slurm("squeue", "--noheader", "--array", "--jobs", job, "--states=all", "--format=%i|%T").out
        return dict(line.split("|") for line in out.split())

    @classmethod
    def reason(cls, job):
        return cls.slurm("squeue", "--noheader", "--jobs", job, "--format=%r").out.strip()

    def wait_for_state(self, job, *wanted, seconds=60):
        def found():
            state = self.show(job).get("JobState")
            return state if state in wanted else None
        try:
            return until(found, "", seconds)
        except AssertionError:
            raise AssertionError(f"job {job} did not become {wanted} in {seconds} s: {self.show(job)}") from None

    def wait_for_end(self, job, seconds=60):
        """The states of all elements once none waits or runs."""
        busy = WAITING | {"RUNNING", "COMPLETING", "SUSPENDED"}
        def ended():
            states = self.states(job)
            return states if states and not busy & set(states.values()) else None
        try:
            return until(ended, "", seconds)
        except AssertionError:
            raise AssertionError(f"job {job} did not end in {seconds} s: {self.states(job)} {self.reason(job)}") from None

    def cycles(self):
        """How often the controller has scheduled: both of its schedulers."""
        out = self.succeed("sdiag")
        return sum(int(n) for n in re.findall(r"Total cycles:\s*(\d+)", out))

    def wait_for_cycles(self, more=2, seconds=60):
        """Until the controller has looked at the queue `more` times, once from beginning to end: whatever could start has started."""
        before = self.cycles()
        until(lambda: self.cycles() >= before + more, f"{more} scheduling cycles", seconds)

    def rpcs(self):
        """{message type: how many} since the controller started, of clients' requests."""
        out = self.succeed("sdiag")
        table = out.split("Remote Procedure Call statistics by message type")[1].split("Remote Procedure Call")[0]
        return {name: int(count) for name, count in re.findall(r"(REQUEST_\w+)\s*\(\s*\d+\)\s*count:(\d+)", table)}

    def rpcs_of(self, action):
        """Which requests of clients `action` brought about."""
        before = self.rpcs()
        action()
        after = self.rpcs()
        noise = {"REQUEST_STATS_INFO", "REQUEST_COMPLETE_BATCH_SCRIPT", "REQUEST_STEP_COMPLETE", "REQUEST_COMPLETE_PROLOG"}
        return {k: after[k] - before.get(k, 0) for k in after if k not in noise and after[k] != before.get(k, 0)}


__all__ = ["SlurmCase", "Done", "Sandbox", "run", "until", "subprocess", "WAITING"]
