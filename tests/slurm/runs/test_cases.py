"""Submitting where things go wrong: lost answers, ids in every form, limits of arrays, limits in the middle, nothing to do, hostile names.

A stand-in for sbatch lies before the real one on PATH and spoils an answer; what Slurm then really has is counted by files that the tasks write.
"""
import json
import os
import re
import subprocess
import sys
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "..", "support"))
from foztest import FOZ, FozCase, Done, run, until  # noqa: E402

SANDBOX = ("--nodes", "4", "--cpus", "32")
TIMED_OUT = "sbatch: error: Batch job submission failed: Socket timed out on send/recv operation"
LIMIT = ("sbatch: error: {}\n"
         "sbatch: error: Batch job submission failed: Job violates accounting/QOS policy (job submit limit, user's size and/or time limits)")
TWO_STAGES = ("  a: {matrix: {n: 1..2}, run: 'echo x >> a.$FOZ_TASK_INDEX'}\n"
              "  b: {needs: {a: each}, run: 'echo x >> b.$FOZ_TASK_INDEX'}\n"
              "  c: {needs: b, run: 'echo x >> c'}\n")
MADE = ["a.0", "a.1", "b.0", "b.1", "c"]


class StandInCase(FozCase):
    """Several runs at once, each in a folder of its own with stand-ins for Slurm's commands."""
    SANDBOX = SANDBOX
    SCHEDULER = "commands"

    def place(self, name, stages):
        """A folder with a workflow."""
        self.write(f"{name}/flow.yaml", "foz: 1\nname: test\nstages:\n" + stages)
        return name

    def stand_in(self, name, program, script):
        """`script` is bash; $real is the real program, $count counts the calls from 1, $folder is the place."""
        real = run(["sh", "-c", f"command -v {program}"], env=self.box.env).out.strip()
        self.write(f"{name}/bin/{program}", "#!/bin/bash\nreal='{}'\nfolder='{}'\ncount=1\nwhile ! mkdir \"$folder/{}.$count\" 2> /dev/null; do count=$((count + 1)); done\n{}\n"
                   .format(real, self.path(name), program, script), 0o755)

    def env_of(self, name):
        return dict(self.env, PATH=self.path(name, "bin") + ":" + self.env["PATH"])

    def begin(self, name, *args):
        return subprocess.Popen([FOZ, "--scheduler", self.SCHEDULER, *args], env=self.env_of(name), cwd=self.path(name),
                                stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)

    def end(self, process, timeout=120):
        self.addCleanup(lambda: process.poll() is None and process.kill())
        out, err = process.communicate(timeout=timeout)
        return Done(process.returncode, out, err)

    def made(self, name):
        return {f: self.read(f"{name}/{f}") for f in sorted(os.listdir(self.path(name))) if re.fullmatch(r"[abc]([.][0-9]+)?", f)}

    def calls(self, name, program="sbatch"):
        return len([f for f in os.listdir(self.path(name)) if f.startswith(program + ".")])

    def records_of(self, name):
        home, self.folder = self.folder, self.path(name)
        try:
            return self.records()
        finally:
            self.folder = home

    def jobs_of(self, name):
        """{stage: [job, cluster]} as the run keeps them."""
        return {r["stage"]: (r["job"], r["cluster"]) for r in self.records_of(name) if r["k"] == "submitted"}


class LostAnswers(StandInCase):
    # What the first request is answered with, once the job was registered or not.
    WAYS = {
        "timed out": f"echo '{TIMED_OUT}' >&2; exit 1",
        "zero bytes": "echo 'sbatch: error: Batch job submission failed: Zero Bytes were transmitted or received' >&2; exit 1",
        "killed": "kill -KILL $$",
        "nothing": "exit 0",
        "a banner": "echo 'Welcome, user 4711'; echo 'Quota 2024: 17%'; exit 0",
        "an id and a failure": "echo 999999; exit 1",
        "two ids": "echo 999998; echo 999999; exit 0",
    }

    def test_a_job_exists_once_however_its_answer_was_lost(self):
        begun = {}
        for way, answer in self.WAYS.items():
            for registers in (True, False):
                name = self.place(f"{way} {registers}", TWO_STAGES)
                first = ("\"$real\" \"$@\" > /dev/null || exit\n" if registers else "") + answer
                self.stand_in(name, "sbatch", f"if [ $count = 1 ]; then\n{first}\nfi\nexec \"$real\" \"$@\"")
                begun[name] = (registers, self.begin(name, "run", "flow.yaml", "--wait"))
        for name, (registers, process) in begun.items():
            with self.subTest(name):
                done = self.end(process)
                self.assertEqual(done.code, 0, done.text)
                self.assertEqual(self.made(name), {file: "x\n" for file in MADE})
                self.assertEqual(self.calls(name), 3 if registers else 4)  # a job that is there is not sent again

    def test_where_the_queue_cannot_be_asked_either_it_stops_and_advance_settles(self):
        silent = "echo 'slurm_load_jobs error: Unable to contact slurm controller (connect failure)' >&2; exit 1"
        for registers in (True, False):
            with self.subTest(registers=registers):
                name = self.place(f"silent {registers}", TWO_STAGES)
                first = ("\"$real\" \"$@\" > /dev/null || exit\n" if registers else "") + self.WAYS["timed out"]
                self.stand_in(name, "sbatch", f"if [ $count = 1 ]; then\n{first}\nfi\nexec \"$real\" \"$@\"")
                self.stand_in(name, "squeue", f"if [ ! -e \"$folder/speak\" ]; then {silent}; fi\nexec \"$real\" \"$@\"")
                done = self.end(self.begin(name, "run", "flow.yaml", "--wait"))
                self.assertEqual(done.code, 3, done.text)
                self.assertIn("nobody knows whether Slurm took stage 'a'", done.err)
                self.assertIn("Unable to contact slurm controller", done.err)
                self.assertIn("nothing is sent twice, 'foz advance' settles it", done.err)
                self.assertEqual(self.calls(name), 1)
                again = self.end(self.begin(name, "advance"))
                self.assertEqual((again.code, self.calls(name)), (3, 1), again.text)
                self.write(f"{name}/speak", "")
                settled = self.end(self.begin(name, "advance", "--wait"))
                self.assertEqual(settled.code, 0, settled.text)
                self.assertEqual(self.made(name), {file: "x\n" for file in MADE})


class FormsOfTheId(StandInCase):
    FORMS = {
        "a sentence": ("echo \"Submitted batch job $id on cluster blue\"", "blue"),
        "a pair": ("echo \"$id;blue\"", "blue"),
        "a number": ("echo \"$id\"", ""),
        "a banner": ("echo 'Quota 2024: 17%'; echo '2 jobs of 40 allowed'; echo \"$id\"", ""),
        "warnings": ("echo 'sbatch: warning: 3 of your jobs wait'; echo 12 >&2; echo \"$id\"", ""),
    }

    def test_the_id_is_the_jobs_own_in_every_form(self):
        begun = {}
        for form, (answer, _) in self.FORMS.items():
            name = self.place(form, TWO_STAGES)
            self.stand_in(name, "sbatch", f"id=$(\"$real\" \"$@\") || exit\nid=${{id%%;*}}\necho $id >> \"$folder/ids\"\n{answer}")
            begun[name] = self.begin(name, "run", "flow.yaml", "--wait")
        for name, process in begun.items():
            with self.subTest(name):
                done = self.end(process)
                self.assertEqual(done.code, 0, done.text)
                ids = [int(line) for line in self.read(f"{name}/ids").split()]
                cluster = self.FORMS[name][1]
                self.assertEqual(self.jobs_of(name), {s: (i, cluster) for s, i in zip("abc", ids)})
                self.assertEqual(self.made(name), {file: "x\n" for file in MADE})


class BoundsOfTheIndex(FozCase):
    SANDBOX = (*SANDBOX, "--max-array-size", "5")

    def test_arrays_fill_up_to_the_bound_and_tasks_are_numbered_on(self):
        sizes = {"less": 4, "full": 5, "more": 6, "one": 1, "twice": 10, "many": 13}
        self.workflow("".join(f"  {name}: {{matrix: {{n: 1..{size}}}, run: 'echo $FOZ_MATRIX_N > {name}.$FOZ_TASK_INDEX'}}\n" for name, size in sizes.items())
                      + f"  join: {{needs: [{', '.join(sizes)}], run: 'ls | grep -c [.][0-9]'}}\n")
        self.run_to_end()
        for name, size in sizes.items():
            self.assertEqual([self.read(f"{name}.{i}") for i in range(size)], [f"{i + 1}\n" for i in range(size)])
        parts = {}
        for record in self.records():
            if record["k"] == "submitted":
                parts.setdefault(record["stage"], []).append(record["part"])
        self.assertEqual({s: len(p) for s, p in parts.items()}, {"less": 1, "full": 1, "more": 2, "one": 1, "twice": 2, "many": 3, "join": 1})
        self.assertEqual(self.foz("logs", "join").out, f"{sum(sizes.values())}\n")


class NoArrays(FozCase):
    SANDBOX = (*SANDBOX, "--conf", "MaxArraySize=0")  # the last line of slurm.conf counts

    def test_where_arrays_are_off_every_task_is_a_job(self):
        self.assertIn("MaxArraySize            = 0", run(["scontrol", "show", "config"], env=self.env).out)
        self.workflow("  a: {matrix: {n: [x, y, z]}, run: 'echo $FOZ_MATRIX_N${SLURM_ARRAY_TASK_ID-} > a.$FOZ_TASK_INDEX; test $FOZ_TASK_INDEX != 1'}\n"
                      "  b: {needs: {a: each}, run: 'echo $FOZ_MATRIX_N > b.$FOZ_TASK_INDEX'}\n"
                      "  c: {needs: {b: finished}, run: [cp, '${{ needs.b.manifest }}', manifest]}\n")
        self.run_to_end(code=1)
        self.assertEqual([self.read(f"a.{i}") for i in range(3)], ["x\n", "y\n", "z\n"])
        self.assertEqual([os.path.exists(self.path(f"b.{i}")) for i in range(3)], [True, False, True])
        states = [json.loads(line)["state"] for line in self.read("manifest").strip().split("\n")]
        self.assertEqual(states, ["succeeded", "dependency_failed", "succeeded"])
        self.assertEqual(len([r for r in self.records() if r["k"] == "submitted"]), 7)

    def test_thousands_of_single_jobs_are_refused_at_planning(self):
        self.workflow("  a: {matrix: {n: 1..2500}, run: 'true'}\n")
        for command in ("plan", "run"):
            done = self.foz(command, "flow.yaml")
            self.assertEqual(done.code, 2, done.text)
            self.assertIn("flow.yaml:4:7: error: stage 'a' has 2500 tasks, and this cluster has job arrays turned off (MaxArraySize)\n", done.err)
        self.assertEqual(self.queue(), [])


class LimitsInTheMiddle(StandInCase):
    SIX = "".join(f"  s{i}: {{run: 'echo x >> a.{i}'{', needs: s%d' % (i - 1) if i % 2 == 0 else ''}}}\n" for i in range(1, 7))
    LIMITS = ["AssocMaxSubmitJobLimit", "QOSMaxSubmitJobPerUserLimit", "AssocGrpSubmitJobsLimit", "QOSMaxSubmitJobPerAccountLimit"]

    def our_jobs(self, name):
        runs = os.listdir(self.path(name, ".foz", "runs"))
        return [job for job in self.queue() if any(f"@{r}." in job for r in runs)]

    def test_what_was_sent_is_cancelled_and_the_limit_is_named(self):
        begun = {}
        for limit in self.LIMITS:
            name = self.place(limit, self.SIX)
            self.stand_in(name, "sbatch", f"if [ $count -ge 4 ]; then echo \"{LIMIT.format(limit)}\" >&2; exit 1; fi\nexec \"$real\" \"$@\"")
            begun[limit] = self.begin(name, "run", "flow.yaml", "--wait")
        for limit, process in begun.items():
            with self.subTest(limit):
                done = self.end(process)
                self.assertEqual(done.code, 3, done.text)
                self.assertIn("cannot submit stage 's4': Slurm refused job ", done.err)
                self.assertIn(f"sbatch: error: {limit}\n", done.err)
                self.assertIn("; the 3 jobs that had been sent are cancelled, nothing has run", done.err)
                self.assertIn("wait until some have ended, then run it again", done.err)
                self.assertNotIn("foz advance", done.err)  # it would send nothing
                self.assertEqual(self.our_jobs(limit), [])
                self.assertEqual(self.made(limit), {})
                status = self.end(self.begin(limit, "status", "--json"))
                self.assertEqual(json.loads(status.out)["state"], "failed", status.text)
                self.assertIn(limit, status.out)

    def test_a_limit_that_is_for_good_is_met_once(self):
        name = self.place("for good", self.SIX)
        self.stand_in(name, "sbatch", f"if [ $count -ge 4 ]; then echo \"{LIMIT.format(self.LIMITS[0])}\" >&2; exit 1; fi\nexec \"$real\" \"$@\"")
        self.assertEqual(self.end(self.begin(name, "run", "flow.yaml")).code, 3)
        for _ in range(2):
            again = self.end(self.begin(name, "advance", "--wait"))
            self.assertEqual((again.code, self.calls(name)), (1, 4), again.text)
        self.assertEqual(self.made(name), {})

    def test_a_limit_that_holds_until_jobs_end_lets_the_next_run_through(self):
        """Two jobs of somebody else fill the user's share of the queue: the run goes through once they have ended."""
        others = [run(["sbatch", "--parsable", "--hold", "--output=/dev/null", "--wrap", "true"], env=self.env).out.strip() for _ in range(2)]
        name = self.place("for a while", self.SIX)
        full = f"[ $(\"$(dirname \"$real\")/squeue\" --noheader --jobs {','.join(others)} --states=PENDING | wc -l) = 2 ]"
        self.stand_in(name, "sbatch", f"if [ $count -ge 4 ] && {full}; then echo \"{LIMIT.format(self.LIMITS[0])}\" >&2; exit 1; fi\nexec \"$real\" \"$@\"")
        first = self.end(self.begin(name, "run", "flow.yaml"))
        self.assertEqual(first.code, 3, first.text)
        self.assertIn("wait until some have ended, then run it again", first.err)
        self.assertEqual((self.our_jobs(name), self.made(name)), ([], {}))
        run(["scancel", *others], env=self.env)
        second = self.end(self.begin(name, "run", "flow.yaml", "--wait"))
        self.assertEqual(second.code, 0, second.text)
        self.assertEqual(self.made(name), {f"a.{i}": "x\n" for i in range(1, 7)})

    def test_slurms_own_refusal_is_one_too_through_either_back_end(self):
        stages = self.SIX.replace("  s4: {", "  s4: {slurm: {reservation: nosuch}, ")
        for backend in ("commands", "libslurm"):
            with self.subTest(backend):
                name = self.place(backend, stages)
                done = run([FOZ, "--scheduler", backend, "run", "flow.yaml"], env=self.env, cwd=self.path(name))
                if "libslurm" in done.err and "helper" in done.err:
                    self.skipTest("SKIPPED: " + done.err)
                self.assertEqual(done.code, 3, done.text)
                self.assertIn("cannot submit stage 's4': Slurm refused job ", done.err)
                self.assertIn("Requested reservation is invalid", done.err)
                self.assertIn("; the 3 jobs that had been sent are cancelled, nothing has run", done.err)
                self.assertEqual((self.our_jobs(name), self.made(name)), ([], {}))


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
