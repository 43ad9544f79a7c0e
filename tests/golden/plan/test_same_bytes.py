"""The same workflow gives the same bytes wherever it lies, from wherever foz is called, in any locale and time zone."""
import os
import shutil
import sys
import tempfile
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "..", "support"))
from foztest import FOZ, run  # noqa: E402

WORKFLOW = """foz: 1
name: same
params: {rate: {type: number, default: 0.5}}
stages:
  a: {matrix: {n: 1..1500, m: [x, ü]}, run: [./a, "${{ params.rate }}"], resources: {memory_per_node: 1.5GiB, time: 90m}, outputs: {o: "o/${{ task.name }}"}}
  b: {needs: {a: each}, run: ./b, env: {Z: '1', A: '2'}}
  c: {needs: {b: 95%}, run: "echo \\"$HOME\\"", slurm: {comment: "it's", sbatch_args: [--spread-job]}}
"""
FORMS = (["--json"], [], ["--graph", "text"], ["--graph", "dot"], ["--graph", "mermaid"])
LONG_AGO = {"TZ": "Pacific/Chatham", "LC_ALL": "de_DE.UTF-8", "LANG": "tr_TR.UTF-8", "COLUMNS": "20", "LC_NUMERIC": "fr_FR.UTF-8"}
PLAIN = {"TZ": "UTC", "LC_ALL": "C"}


class SameBytes(unittest.TestCase):
    def setUp(self):
        self.root = tempfile.mkdtemp(prefix="foz-same-")
        self.addCleanup(shutil.rmtree, self.root)

    def plan(self, folder, form, variables, cwd, file):
        env = {"PATH": os.environ["PATH"], "HOME": self.root, "FOZ_SITE": "generic", **variables}
        scripts = os.path.join(self.root, "scripts-" + os.path.basename(folder))
        done = run([FOZ, "plan", "--offline", "--scripts", scripts, *form, file], env=env, cwd=cwd)
        self.assertEqual((done.code, done.err), (0, ""), done.text)
        texts = [done.out]
        for name in sorted(os.listdir(scripts)):
            with open(os.path.join(scripts, name), encoding="utf-8") as script:
                texts.append(name + "\n" + script.read())
        return "\n".join(texts).replace(folder, "<folder>")

    def test_twice_in_different_folders_locales_and_time_zones(self):
        folders = [os.path.join(self.root, name) for name in ("one", "another place")]
        for folder in folders:
            os.makedirs(folder)
            with open(os.path.join(folder, "flow.yaml"), "w", encoding="utf-8") as file:
                file.write(WORKFLOW)
        for form in FORMS:
            first = self.plan(folders[0], form, PLAIN, folders[0], "flow.yaml")
            self.assertGreater(len(first), 100)
            again = self.plan(folders[0], form, LONG_AGO, "/", os.path.join(folders[0], "flow.yaml"))
            self.assertEqual(again, first)
            # A space in the folder is quoted in scripts: that is the one difference there may be.
            other = self.plan(folders[1], form, LONG_AGO, folders[1], "./flow.yaml")
            self.assertEqual(other.replace("'", ""), first.replace("'", ""))


if __name__ == "__main__":
    unittest.main()
