"""`foz sandbox` as a user meets it. The life of a sandbox, killed in every way, is tested in tests/unit/sandbox."""
import json
import os
import unittest

from slurmbox import SlurmCase, run
from foztest import FOZ


class Command(SlurmCase):
    SANDBOX = ("--nodes", "2", "--cpus", "2")

    def foz(self, *args, env=None):
        return run([FOZ, "sandbox", *args, "--name", self.box.name], env=env or self.box.env, cwd="/")

    def test_up_again_says_that_it_is_up(self):
        done = self.foz("up", "--json", *self.SANDBOX)
        self.assertEqual(done.code, 0, done.text)
        self.assertEqual(json.loads(done.out)["outcome"], "already up")

    def test_up_with_other_options_is_refused(self):
        done = self.foz("up", "--nodes", "3")
        self.assertEqual(done.code, 3, done.text)
        self.assertIn(f"sandbox '{self.box.name}' is up with other options", done.err)

    def test_env_is_for_the_shell(self):
        shell = f'eval "$("{FOZ}" sandbox env --name {self.box.name})" && sinfo --noheader --format=%D && echo ${{SLURM_JOB_ID-unset}}'
        where = {name: os.environ[name] for name in ("PATH", "FOZ_SANDBOX_HOME") if name in os.environ}
        done = run(["bash", "-c", shell], env=dict(where, SLURM_JOB_ID="5", SLURM_CLUSTERS="elsewhere"), cwd="/")
        self.assertEqual(done.out.split(), ["2", "unset"], done.text)

    def test_down_from_inside_one_of_its_jobs_is_refused(self):
        done = self.slurm("srun", FOZ, "sandbox", "down", "--name", self.box.name)
        self.assertNotEqual(done.code, 0)
        self.assertIn("this process runs in a job of the sandbox in '", done.err)
        self.assertEqual(json.loads(self.foz("status", "--json").out)["condition"], "up")


if __name__ == "__main__":
    unittest.main()
