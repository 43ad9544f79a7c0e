"""What a workflow may hold: nothing at all, hostile names of folders; and the figures of `foz plan` against what is really sent and written."""
import json
import os
import subprocess
import sys
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "..", "support"))
from foztest import FOZ, FozCase, run, until  # noqa: E402

SANDBOX = ("--nodes", "4", "--cpus", "32")


class NothingToDo(FozCase):
    NOTHING = {
        "{n: []}": "axis 'n' is empty",
        "{n: {lines: empty.txt}}": "'empty.txt' is empty",
        "{n: {csv: header.csv}}": "'header.csv' has no rows",
        "{n: {glob: '*.none'}}": "'*.none' matches nothing",
        "{n: 3..1}": "the range 3..1 is empty",
        "{n: [1], except: [{n: 1}]}": "'except' takes away every element",
        "{}": "'matrix' has no axes",
    }
    ZEROES = {
        "array: {at_most: 0}, matrix: {n: [1]}": "'at_most' must be at least 1, got 0",
        "resources: {nodes: 0}": "'nodes' must be at least 1, got 0",
        "resources: {cpus_per_node: 0}": "'cpus_per_node' must be at least 1, got 0",
        "resources: {time: 0s}": "'time' cannot be 0",
        "resources: {memory_per_node: 0GiB}": "'memory_per_node' cannot be 0",
    }

    def refused(self, stages, message):
        self.workflow(stages)
        for command in ("validate", "plan", "run"):
            done = self.foz(command, "flow.yaml")
            self.assertEqual(done.code, 2, done.text)
            self.assertIn("flow.yaml:4:", done.err)
            self.assertIn(message, done.err)

    def test_nothing_is_refused_at_its_line_and_nothing_is_sent(self):
        self.write("empty.txt", "")
        self.write("header.csv", "a,b\n")
        for matrix, message in self.NOTHING.items():
            with self.subTest(matrix):
                self.refused(f"  a: {{matrix: {matrix}, run: 'true'}}\n  join: {{needs: a, run: 'true'}}\n", message)
        for members, message in self.ZEROES.items():
            with self.subTest(members):
                self.refused(f"  a: {{{members}, run: 'true'}}\n  join: {{needs: a, run: 'true'}}\n", message)
        self.refused("  a: {run: 'true', needs: {b: 0%}}\n  b: {matrix: {n: [1]}, run: 'true'}\n", "0%")
        self.assertEqual(self.queue(), [])
        self.assertFalse(os.path.exists(self.path(".foz")))

    def test_one_empty_value_is_a_task_and_its_join_runs(self):
        self.workflow("  a: {matrix: {v: ['']}, run: [sh, -c, 'echo \"<$1>\"', x, '${{ matrix.v }}']}\n  join: {needs: a, run: 'true'}\n")
        self.run_to_end()
        self.assertEqual(self.foz("logs", "a").out, "<>\n")

    def test_a_run_that_is_done_is_left_alone(self):
        self.workflow("  a: {matrix: {n: 1..2}, run: 'true'}\n  join: {needs: a, run: 'true'}\n")
        self.run_to_end()
        before = len(self.records())
        done = self.foz("advance", "--wait")
        self.assertEqual(done.code, 0, done.text)
        self.assertEqual(len(self.records()), before)
        self.assertEqual([job for job in self.queue() if "COMPLETING" not in job], [])


class HostileNames(FozCase):
    SANDBOX = SANDBOX
    FOLDERS = ["100%j", "it's", 'double"quote', "$(touch pwned)", "new\nline", "${{ rank }}", "-dash", "ümläut €", "#hash;", "caf\udce9", "%", " trailing "]

    def test_a_folder_may_have_any_name(self):
        for backend in ("commands", "libslurm"):
            begun = {}
            for folder in self.FOLDERS:
                name = os.path.join(backend, folder)
                os.makedirs(self.path(name))
                with open(self.path(name, "flow.yaml"), "w", encoding="utf-8") as file:
                    file.write("foz: 1\nname: test\nstages:\n"
                               "  a:\n    matrix: {n: 1..2}\n    run: 'echo \"$PWD\" > o.$FOZ_TASK_INDEX; echo seen; scontrol show job $SLURM_JOB_ID | grep -q TimeLimit=00:07:00'\n"
                               "    outputs: {o: 'o.${{ task.index }}'}\n    resources: {time: 7m}\n    slurm: {comment: '#SBATCH --time=1 '' \"x\" $(touch pwned)'}\n"
                               "  b: {needs: a, resources: {nodes: 2}, run: [pwd]}\n")
                process = subprocess.Popen([FOZ, "--scheduler", backend, "run", "flow.yaml", "--wait"], env=self.env, cwd=self.path(name),
                                           stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
                self.addCleanup(lambda p=process: (p.poll() is None and p.kill(), p.communicate()))
                begun[name] = process
            for name, process in begun.items():
                with self.subTest(name.encode("utf-8", "surrogateescape")):
                    out, _ = process.communicate(timeout=120)
                    self.assertEqual(process.returncode, 0, out)
                    with open(self.path(name, "o.1"), encoding="utf-8", errors="surrogateescape") as file:
                        self.assertEqual(file.read(), self.path(name) + "\n")
                    runs = self.path(name, ".foz", "runs")
                    logs = os.path.join(runs, os.listdir(runs)[0], "logs", "a")
                    self.assertEqual(len([f for f in os.listdir(logs) if f.startswith("slurm-") and f.endswith(("_0.out", "_1.out"))]), 2)
        for folder, _, files in os.walk(self.folder):
            self.assertNotIn("pwned", files, folder)

    def test_a_folder_that_slurm_cannot_write_logs_below_is_refused(self):
        self.write("back\\slash/flow.yaml", "foz: 1\nname: test\nstages:\n  a: {run: 'true'}\n")
        done = self.foz("run", "back\\slash/flow.yaml")
        self.assertEqual(done.code, 2, done.text)
        self.assertIn("has a backslash in its path, which Slurm cannot write logs below", done.err)
        self.assertFalse(os.path.exists(self.path("back\\slash", ".foz")))

    def test_a_script_by_hand_asks_for_what_foz_asks(self):
        """What stands in the #SBATCH lines of a script is what foz gives to sbatch itself."""
        self.write("it's 100%j/flow.yaml", "foz: 1\nname: test\nstages:\n  a: {run: 'true', resources: {time: 7m, memory_per_node: 33MiB}, "
                   "slurm: {comment: '#SBATCH --time=1 it''s \"x\" \\y'}}\n")
        planned = self.foz("plan", "it's 100%j/flow.yaml", "--scripts", "scripts")
        self.assertEqual(planned.code, 0, planned.text)
        job = run(["sbatch", "--parsable", "--hold", self.path("scripts/a.sh")], env=self.env).out.strip()
        shown = run(["scontrol", "show", "job", job], env=self.env).out
        self.assertIn("TimeLimit=00:07:00", shown)
        self.assertIn("MinMemoryNode=33M", shown)
        self.assertIn("WorkDir=" + self.path("it's 100%j") + "\n", shown)
        self.assertIn("Comment=#SBATCH --time=1 it's \"x\" \\y", shown)
        self.assertIn("JobName=a@RUN\n", shown)


class Requests(FozCase):
    """The figures of `foz plan` against the controller's own count."""
    SANDBOX = SANDBOX

    def counts(self):
        out = run(["sdiag"], env=self.env).out
        found = {}
        for line in out.split("\n"):
            words = line.split()
            if len(words) > 2 and words[0] in ("REQUEST_SUBMIT_BATCH_JOB", "REQUEST_UPDATE_JOB"):
                found[words[0]] = int(next(w for w in words if w.startswith("count:"))[6:])
        return found.get("REQUEST_SUBMIT_BATCH_JOB", 0), found.get("REQUEST_UPDATE_JOB", 0)

    def test_as_many_as_were_planned_and_no_more(self):
        self.workflow("  root: {run: 'while [ ! -e go ]; do sleep 0.1; done'}\n"
                      "  a: {matrix: {n: 1..6}, needs: root, run: 'true'}\n"
                      "  b: {needs: {a: each}, run: 'true'}\n"
                      "  c: {needs: {b: each, a: each}, run: 'true'}\n"
                      "  other: {matrix: {n: 1..3}, run: 'true'}\n"
                      "  last: {needs: [c, other], run: 'true'}\n")
        plan = json.loads(self.foz("plan", "flow.yaml", "--json").out)
        self.assertEqual(plan["rpcs"], {"submit": 6, "release": 2, "from_jobs": 12})
        before = self.counts()
        self.assertEqual(self.foz("run", "flow.yaml").code, 0)
        submitted = self.counts()
        self.assertEqual((submitted[0] - before[0], submitted[1] - before[1]), (6, 2))
        self.write("go", "")
        until(lambda: all(s["counts"].get("succeeded") == s["tasks"] for s in self.status()["stages"]), "the run's end")
        after = self.counts()
        self.assertEqual(after[0] - submitted[0], 0)
        self.assertEqual(after[1] - submitted[1], 12)

    def test_as_many_files_as_were_planned(self):
        self.workflow("  a: {matrix: {n: 1..3}, run: 'true', slurm: {begin: now+1hour}}\n"
                      "  t: {uses: tensorflow, with: {script: x.py}, needs: a}\n"
                      "  s: {uses: spark, with: {script: x.py}, needs: a, resources: {nodes: 2, cpus_per_node: 2, memory_per_node: 3GiB}}\n")
        plan = json.loads(self.foz("plan", "flow.yaml", "--json").out)
        self.assertEqual(self.foz("run", "flow.yaml").code, 0)
        written = [os.path.join(folder, f) for folder, _, files in os.walk(self.run_folder()) for f in files]
        self.assertEqual(len(written), plan["files"], written)
        self.assertEqual(self.foz("cancel").code, 0)


if __name__ == "__main__":
    unittest.main()
