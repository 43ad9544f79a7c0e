"""The main job: flights.yaml on a private Slurm, once through each back end, with the same results; the table equals an independent computation."""
import os
import shutil
import sys
import tempfile
import unittest

from foztest import FOZ, FozCase, run

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__)))))
HERE = os.path.dirname(os.path.abspath(__file__))
VENV = os.environ.get("FOZ_FLIGHTS_VENV", "")


class Flights(FozCase):
    SANDBOX = ("--nodes", "4", "--cpus", "4", "--memory", "6GiB")

    @classmethod
    def setUpClass(cls):
        if not VENV:
            raise unittest.SkipTest("FOZ_FLIGHTS_VENV names no Python environment of the flights example")
        super().setUpClass()

    def run_in_copy(self, scheduler):
        folder = os.path.join(tempfile.mkdtemp(prefix="foz flights "), "flights")
        self.addCleanup(shutil.rmtree, os.path.dirname(folder), ignore_errors=True)
        shutil.copytree(os.path.join(ROOT, "examples", "flights"), folder,
                        ignore=shutil.ignore_patterns(".foz", "data", "models", "scores", "results", "__pycache__"))
        done = run([FOZ, "--scheduler", scheduler, "run", "flights.yaml", "-p", "venv=" + VENV, "--wait"], env=self.env, cwd=folder, timeout=900)
        self.assertEqual(done.code, 0, done.text)
        return folder

    def check(self, script, *args):
        done = run([os.path.join(VENV, "bin", "python"), "-B", os.path.join(HERE, script), *args], timeout=300)
        self.assertEqual(done.code, 0, done.text)

    def check_features(self, folder):
        self.check("check_features.py", "--csv", os.path.join(folder, "data/csv"), "--table", os.path.join(folder, "data/features.parquet"))

    def test_both_back_ends_give_the_same_results(self):
        commands = self.run_in_copy("commands")
        self.check("check_run.py", commands, "--workers", "2", "--tasks", "4")
        self.check_features(commands)
        if not os.path.exists(os.path.join(os.path.dirname(FOZ), "foz-libslurm")):
            self.skipTest("the libslurm helper was not built here: only the commands back end was run")
        libslurm = self.run_in_copy("libslurm")
        self.check("check_run.py", libslurm, "--workers", "2", "--tasks", "4", "--same-as", commands)
        self.check_features(libslurm)


if __name__ == "__main__":
    sys.exit(unittest.main())
