"""Submitting where things go wrong: lost answers, ids in every form, limits of arrays, limits in the middle.

A stand-in for sbatch lies before the real one on PATH and spoils an answer; what Slurm then really has is counted by files that the tasks write.
"""
import json
import os
import re
import subprocess
import sys
import time
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "..", "support"))
from foztest import FOZ, FozCase, Done, run  # noqa: E402

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


    def test_a_release_whose_answer_was_lost_is_done_once_more(self):
        begun = {}
        for acts in (True, False):
            name = self.place(f"release {acts}", TWO_STAGES)
            first = ("\"$real\" \"$@\"\n" if acts else "") + "echo 'slurm_update error: Socket timed out on send/recv operation' >&2; exit 1"
            self.stand_in(name, "scontrol", f"case \"$1\" in release) ;; *) exec \"$real\" \"$@\" ;; esac\n"
                          f"if mkdir \"$folder/first\" 2> /dev/null; then\n{first}\nfi\nexec \"$real\" \"$@\"")
            begun[name] = self.begin(name, "run", "flow.yaml")
        for name, process in begun.items():
            with self.subTest(name):
                done = self.end(process)
                self.assertEqual(done.code, 3, done.text)
                self.assertIn("cannot release stage 'a'", done.err)
                self.assertIn("Socket timed out on send/recv operation", done.err)
                self.assertIn("nothing is lost: 'foz advance ", done.err)
                settled = self.end(self.begin(name, "advance", "--wait"))
                self.assertEqual(settled.code, 0, settled.text)
                self.assertEqual(self.made(name), {file: "x\n" for file in MADE})
                self.assertEqual(self.calls(name), 0)


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


class WithoutScontrol(StandInCase):
    """A site whose jobs may not call scontrol or scancel: Slurm orders the elements, keepers only record."""

    def test_elements_follow_their_partners_and_no_job_calls_scontrol(self):
        name = self.place("site", "  a: {matrix: {n: 0..3}, run: 'echo x >> a.$FOZ_TASK_INDEX; test $FOZ_TASK_INDEX != 2'}\n"
                          "  b: {needs: {a: each}, run: 'echo x >> b.$FOZ_TASK_INDEX'}\n"
                          "  c: {needs: {b: finished}, run: 'echo x >> c'}\n")
        self.write(f"{name}/site.yaml", "foz_site: 1\nname: strict\nrelease_from_nodes: false\noutputs_wait: 5s\npolling_floor: 2s\naddress: {interface: lo}\n")
        for program in ("scontrol", "scancel"):
            self.stand_in(name, program, f"[ \"$(cat /proc/$PPID/comm)\" != foz-agent ] || echo \"{program} $*\" >> \"$folder/called\"\nexec \"$real\" \"$@\"")
        done = self.end(self.begin(name, "--site", "site.yaml", "run", "flow.yaml", "--wait"))
        self.assertEqual(done.code, 1, done.text)
        self.assertEqual(sorted(self.made(name)), ["a.0", "a.1", "a.2", "a.3", "b.0", "b.1", "b.3", "c"])
        self.assertFalse(os.path.exists(self.path(name, "called")))
        status = json.loads(self.end(self.begin(name, "status", "--json")).out)
        self.assertEqual(self.stage("b", status)["counts"], {"succeeded": 3, "dependency_failed": 1})


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
                self.assertIn("\n  the 3 jobs that had been sent are cancelled, nothing has run", done.err)
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
                self.assertIn("\n  the 3 jobs that had been sent are cancelled, nothing has run", done.err)
                self.assertEqual((self.our_jobs(name), self.made(name)), ([], {}))


class FullQueue(FozCase):
    SANDBOX = ("--nodes", "2", "--cpus", "8", "--max-array-size", "10", "--conf", "MaxJobCount=10")

    def test_the_clusters_limit_is_named_at_once_and_nothing_runs_half(self):
        self.workflow("  a: {run: 'echo x >> a'}\n  b: {needs: a, matrix: {n: 1..8}, run: 'echo x >> b.$FOZ_TASK_INDEX'}\n")
        for _ in range(3):
            self.assertEqual(run(["sbatch", "--hold", "--output=/dev/null", "--wrap", "true"], env=self.env).code, 0)
        for self.SCHEDULER in ("commands", "libslurm"):
            with self.subTest(self.SCHEDULER):
                start = time.monotonic()
                done = self.foz("run", "flow.yaml")
                if "helper" in done.err:
                    self.skipTest("SKIPPED: " + done.err)
                self.assertEqual(done.code, 3, done.text)
                self.assertIn("the cluster's queue is full (MaxJobCount): wait, then run it again", done.err)
                self.assertIn("\n  the job that had been sent is cancelled, nothing has run", done.err)
                self.assertEqual(len([job for job in self.queue() if "@" in job]), 0)
                self.assertFalse(os.path.exists(self.path("a")))
                self.assertLess(time.monotonic() - start, 60)  # sbatch alone goes on for 120 s


if __name__ == "__main__":
    unittest.main()
