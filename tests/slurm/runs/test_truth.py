"""Nothing false is said: missing outputs, programs that cannot start, a controller that is away, submissions with an unknown outcome."""
import json
import os
import signal
import stat
import subprocess
import sys
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "..", "support"))
from foztest import FOZ, FozCase, run, until  # noqa: E402


class Ends(FozCase):
    def test_a_good_end_without_the_declared_output_is_a_failure(self):
        self.workflow("  s: {run: 'true', outputs: {o: out.txt}}\n")
        self.run_to_end(code=1, timeout=40)
        task = self.task("s")
        self.assertEqual((task["state"], task["class"]), ("failed", "output_missing"))
        self.assertIn("out.txt", task["sentence"])

    def test_an_output_of_an_earlier_run_does_not_count(self):
        self.write("out.txt", "old\n")
        self.workflow("  s: {run: 'true', outputs: {o: out.txt}}\n")
        self.run_to_end(code=1, timeout=40)
        self.assertEqual(self.task("s")["class"], "output_missing")

    def test_a_program_that_is_not_there_is_named(self):
        self.workflow("  s: {run: [no-such-program, x]}\n")
        self.run_to_end(code=1)
        task = self.task("s")
        self.assertEqual(task["class"], "launch_failed")
        self.assertIn("no-such-program", task["sentence"])

    def test_exit_codes_and_signals_are_exact(self):
        self.workflow("  a: {run: 'exit 37'}\n  b: {run: 'kill -SEGV $$'}\n")
        self.run_to_end(code=1)
        self.assertIn("exit status 37", self.task("a")["sentence"])
        self.assertIn("signal 11 (SIGSEGV)", self.task("b")["sentence"])

    def test_a_killed_keeper_is_lost_and_never_a_success(self):
        self.workflow("  s: {run: 'echo $PPID > keeper; sleep 600'}\n  t: {needs: s, run: [touch, never]}\n")
        process = self.start("run", "flow.yaml", "--wait")
        keeper = int(until(lambda: os.path.exists(self.path("keeper")) and self.read("keeper").strip(), "the keeper's pid"))
        os.kill(keeper, signal.SIGKILL)
        self.assertEqual(process.wait(60), 1)
        self.assertEqual(self.task("s")["state"], "failed")
        self.assertEqual(self.task("t")["state"], "dependency_failed")
        self.assertFalse(os.path.exists(self.path("never")))

    def test_cancel_leaves_nothing(self):
        self.workflow("  s: {matrix: {n: 1..6}, run: 'sleep 600'}\n  t: {needs: {s: each}, run: 'true'}\n  u: {needs: t, run: 'true'}\n")
        self.assertEqual(self.foz("run", "flow.yaml").code, 0)
        until(lambda: self.stage("s")["counts"].get("running"), "a running task")
        done = self.foz("cancel")
        self.assertEqual(done.code, 0, done.text)
        self.assertEqual(self.queue(), [])
        status = self.status()
        self.assertEqual(status["state"], "cancelled")
        states = {s for stage in status["stages"] for s in stage["counts"]}
        self.assertLessEqual(states, {"cancelled", "dependency_failed"})  # a keeper may have told its partner before it went


class Values(FozCase):
    HOSTILE = ["plain", "two words", "it's", 'say "x"', "$(touch pwned)", "`touch pwned`", "$HOME", "a\nb", "tab\there", "-n", "--help",
               "\\n", "ümläut €", "*", ";rm", "a,b", "x=y z", "", "${{x", "%s%n", "&&", "|", "#", "~"]

    def test_values_reach_argv_and_environment_unchanged(self):
        values = [v for v in self.HOSTILE if "${{" not in v]
        quoted = json.dumps(values, ensure_ascii=False)
        self.write("show.py", "import os,sys,json\nprint(json.dumps([sys.argv[1:], os.environ['VALUE'], os.environ['FOZ_MATRIX_V']]))\n")
        self.workflow(f"  t:\n    matrix: {{v: {quoted}}}\n    env: {{VALUE: '${{{{ matrix.v }}}}'}}\n"
                      "    run: [python3, show.py, '${{ matrix.v }}', 'x${{ matrix.v }}y']\n")
        self.run_to_end()
        for index, value in enumerate(values):
            shown = json.loads(self.foz("logs", f"t[{index}]").out)
            self.assertEqual(shown, [[value, f"x{value}y"], value, value])
        self.assertFalse(os.path.exists(self.path("pwned")))

    SHOW = "import json, os, sys\nprint(json.dumps([sys.argv[1:], os.environ['VALUE']]))\n"

    def test_params_of_the_command_line_reach_argv_and_environment_unchanged(self):
        self.write("show.py", self.SHOW)
        self.write("flow.yaml", "foz: 1\nname: test\nparams: {p: x}\nstages:\n"
                   "  t: {run: [python3, show.py, '${{ params.p }}'], env: {VALUE: '${{ params.p }}'}}\n")
        value = "$(touch pwned) 'q' \"d\" \\ ${{ matrix.x }}\nend"
        self.run_to_end("-p", "p=" + value)
        self.assertEqual(json.loads(self.foz("logs", "t").out), [[value], value])
        self.assertFalse(os.path.exists(self.path("pwned")))

    def test_paths_of_outputs_reach_argv_and_environment_unchanged(self):
        self.write("show.py", self.SHOW)
        self.write("flow.yaml", "foz: 1\nname: test\nparams: {p: x}\nstages:\n"
                   "  a: {run: [python3, -c, 'import sys; open(sys.argv[1], \"w\").close()', '${{ params.p }}'], outputs: {o: '${{ params.p }}'}}\n"
                   "  b: {needs: a, run: [python3, show.py, '${{ needs.a.o }}'], env: {VALUE: '${{ needs.a.o }}'}}\n")
        name = "-o $(touch pwned) 'q' \"d\" \\n `ü` *\nend"
        self.run_to_end("-p", "p=" + name)
        self.assertEqual(json.loads(self.foz("logs", "b").out), [[self.path(name)], self.path(name)])
        self.assertFalse(os.path.exists(self.path("pwned")))

    def test_nothing_of_an_outer_job_leaks_in(self):
        self.workflow("  t: {run: 'env -0 | tr \"\\n\\0\" \" \\n\" | grep -E \"^(SLURM|SBATCH|PMI|LEAK)\" | sort', resources: {cpus_per_node: 2}}\n")
        leak = dict(self.env, SLURM_NTASKS="77", SLURM_MEM_PER_CPU="1", SLURM_CPU_BIND="map_cpu:3", SLURM_JOB_ID="9999", SLURM_JOBID="9999",
                    SBATCH_PARTITION="nosuch", SLURM_EXPORT_ENV="NONE", SLURM_TIME_FORMAT="relative", SQUEUE_FORMAT="%j", SQUEUE_STATES="PD",
                    SACCT_FORMAT="user", SLURM_ARRAY_TASK_ID="5", SBATCH_EXPORT="NONE", PMI_RANK="3", LEAK_NOT="kept")
        done = self.foz("run", "flow.yaml", "--wait", env=leak)
        self.assertEqual(done.code, 0, done.text)
        shown = self.foz("logs", "t").out
        self.assertIn("LEAK_NOT=kept", shown)
        for wrong in ("=77", "9999", "map_cpu:3", "nosuch", "PMI_RANK", "SLURM_ARRAY_TASK_ID", "SLURM_MEM_PER_CPU", "SLURM_NTASKS="):
            self.assertNotIn(wrong, shown)

    def test_output_settings_of_the_user_change_nothing(self):
        self.workflow("  t: {run: 'true'}\n")
        odd = dict(self.env, SQUEUE_FORMAT="%j", SQUEUE_FORMAT2="name", SQUEUE_SORT="-i", SACCT_FORMAT="user", SINFO_FORMAT="%P",
                   SLURM_TIME_FORMAT="relative", SQUEUE_STATES="PD", LANG="C", LC_ALL="C", TZ="Asia/Kathmandu")
        done = self.foz("run", "flow.yaml", "--wait", env=odd)
        self.assertEqual(done.code, 0, done.text)
        self.assertEqual(json.loads(self.foz("status", "--json", env=odd).out), self.status())


class Away(FozCase):
    """The controller stopped (SIGSTOP would hang every client; an ended one is absent) and back again. It may save what it knows first: one that is
    killed gives ids away twice, and the nodes refuse a job whose id they have seen."""
    ends_its_own = False

    def find_pid_file(self):
        config = run(["scontrol", "show", "config"], env=self.env).out
        return next(line.split("= ")[1] for line in config.split("\n") if line.startswith("SlurmctldPidFile"))

    def stop_controller(self):
        self.pid_file = self.find_pid_file()
        self.end_controller(self.pid_file)
        until(lambda: run(["scontrol", "ping"], env=self.env).out.find("DOWN") >= 0, "the controller to be down")

    @classmethod
    def end_controller(cls, pid_file):
        with open(pid_file, encoding="utf-8") as file:
            pid = int(file.read())
        os.kill(pid, signal.SIGTERM)
        until(lambda: not cls.is_running(pid), "the controller to end")

    @staticmethod
    def is_running(pid):
        """Also false of one that nobody has waited for."""
        try:
            with open(f"/proc/{pid}/cmdline", encoding="utf-8") as file:
                return file.read() != ""
        except OSError:
            return False

    def start_controller(self):
        done = run(["slurmctld", "-i"], env=self.env)
        self.assertEqual(done.code, 0, done.text)
        until(lambda: run(["scontrol", "ping"], env=self.env).out.find("UP") >= 0, "the controller to be up")
        if not self.ends_its_own:  # the sandbox knows of its own one only
            type(self).ends_its_own = True
            self.addClassCleanup(self.end_controller, self.pid_file)

    def test_status_says_that_the_controller_is_silent_and_ends_with_3(self):
        self.workflow("  s: {run: 'while [ ! -e go ]; do sleep 0.2; done'}\n")
        self.assertEqual(self.foz("run", "flow.yaml").code, 0)
        until(lambda: self.task("s")["state"] == "running", "the task to run")
        self.stop_controller()
        done = self.foz("status")
        self.start_controller()
        self.assertEqual(done.code, 3, done.text)
        self.assertIn("the queue is not known: ", done.out)
        self.assertIn("Unable to contact slurm controller", done.out)
        self.assertNotIn("failed", done.out)
        self.write("go", "")
        self.assertEqual(self.foz("advance", "--wait").code, 0)

    AWAY = r"foz: Slurm has not answered since \d\d:\d\d:\d\d: foz keeps trying\n"
    BACK = r"foz: Slurm answers again \(\d\d:\d\d:\d\d\)\n"

    def assert_silence_is_told_once(self, *args):
        """Within ten seconds, in one line, and one more when the controller is back; the exit code is the task's."""
        self.workflow("  s: {run: 'echo hi; while [ ! -e go ]; do sleep 0.2; done'}\n")
        self.assertEqual(self.foz("run", "flow.yaml").code, 0)
        until(lambda: "hi" in self.foz("logs", "s").out, "the task to run")
        self.stop_controller()
        real = run(["sh", "-c", "command -v squeue"]).out.strip()
        self.write("bin/squeue", f"#!/bin/sh\necho asked >> '{self.path('asked')}'\nexec '{real}' \"$@\"\n", 0o755)
        with open(self.path("errors"), "w", encoding="utf-8") as errors:
            process = subprocess.Popen([FOZ, "--scheduler", "commands", *args], cwd=self.folder, stdin=subprocess.DEVNULL,
                                       env=dict(self.env, PATH=self.path("bin") + ":" + self.env["PATH"]), stdout=subprocess.DEVNULL,
                                       stderr=errors)
        self.addCleanup(lambda: process.poll() is None and (process.kill(), process.wait()))
        try:
            until(lambda: "\n" in self.read("errors"), "a line", 10)
            until(lambda: self.read("asked").count("asked") >= 3, "further questions")  # which tell nothing new
        finally:
            self.start_controller()
        until(lambda: "again" in self.read("errors"), "the answer")
        self.write("go", "")
        self.assertEqual(process.wait(60), 0)
        self.assertRegex(self.read("errors"), rf"^{self.AWAY}{self.BACK}$")

    def test_following_a_run_tells_that_slurm_is_silent(self):
        self.assert_silence_is_told_once("advance", "--wait")

    def test_following_logs_tells_that_slurm_is_silent(self):
        self.assert_silence_is_told_once("logs", "-f", "s")

    def test_run_without_a_controller_sends_nothing_and_says_so(self):
        self.workflow("  s: {run: 'true'}\n")
        self.stop_controller()
        done = self.foz("run", "flow.yaml")
        self.start_controller()
        self.assertEqual(done.code, 3, done.text)
        self.assertIn("Unable to contact slurm controller", done.err)
        self.assertFalse(os.path.exists(self.path(".foz/runs")) and os.listdir(self.path(".foz/runs")))

    def test_a_run_that_the_controller_leaves_in_the_middle_is_finished_by_advance(self):
        self.workflow("  a: {matrix: {n: 0..3}, run: 'echo x >> \"a.$FOZ_TASK_INDEX\"'}\n"
                      "  b: {needs: {a: each}, run: 'echo x >> \"b.$FOZ_TASK_INDEX\"'}\n"
                      "  c: {needs: b, run: 'echo x >> c'}\n")
        real = run(["sh", "-c", "command -v sbatch"]).out.strip()
        self.pid_file = self.find_pid_file()
        with open(self.pid_file, encoding="utf-8") as file:
            pid = int(file.read())
        self.write("bin/sbatch", "#!/bin/bash\n"
                   f"mkdir '{self.path('first')}' 2>/dev/null || exec '{real}' \"$@\"\n"
                   f"'{real}' \"$@\"; status=$?\n"
                   f"kill -TERM {pid}; while kill -0 {pid} 2>/dev/null; do sleep 0.05; done; exit $status\n", 0o755)
        done = run([FOZ, "--scheduler", "commands", "run", "flow.yaml"], cwd=self.folder,
                   env=dict(self.env, PATH=self.path("bin") + ":" + self.env["PATH"]))
        told = self.foz("status")
        self.start_controller()
        self.assertEqual((done.code, told.code), (3, 3), done.text + told.text)
        self.assertIn("foz advance", done.err)
        done = self.foz("advance", "--wait")
        self.assertEqual(done.code, 0, done.text)
        for name in ["a.0", "a.1", "a.2", "a.3", "b.0", "b.1", "b.2", "b.3", "c"]:
            self.assertEqual(self.read(name), "x\n", name)

    def test_the_same_through_libslurm(self):
        """Nothing stands between its requests; there are so many that the controller is gone before the last."""
        if not os.path.exists(os.path.join(os.path.dirname(FOZ), "foz-libslurm")):
            self.skipTest("the libslurm helper was not built here")
        names = [f"s{n}" for n in range(400)]
        self.workflow("".join(f"  {name}: {{run: 'echo x >> {name}'}}\n" for name in names))
        self.pid_file = self.find_pid_file()
        process = subprocess.Popen([FOZ, "--scheduler", "libslurm", "run", "flow.yaml"], env=self.env, cwd=self.folder, text=True,
                                   stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        self.addCleanup(lambda: (process.poll() is None and process.kill(), process.communicate()))
        until(lambda: os.path.isdir(self.path(".foz", "runs")) and any(r["k"] == "submitted" for r in self.records()), "a first job", pause=0.002)
        self.end_controller(self.pid_file)
        said, _ = process.communicate(timeout=120)
        told = self.foz("status")
        sent = sum(r["k"] == "submitted" for r in self.records())
        self.start_controller()
        self.assertEqual((process.returncode, told.code), (3, 3), said + told.text)
        self.assertLess(sent, len(names))
        self.assertIn("foz advance", said)
        done = self.foz("advance", "--wait", timeout=300)
        self.assertEqual(done.code, 0, done.text)
        for name in names:
            self.assertEqual(self.read(name), "x\n", name)

    def test_a_cancellation_that_slurm_did_not_hear_of_is_on_record(self):
        self.workflow("  s: {run: 'touch up; sleep 600'}\n")
        self.assertEqual(self.foz("run", "flow.yaml").code, 0)
        until(lambda: os.path.exists(self.path("up")), "the task to run")
        self.stop_controller()
        done = self.foz("cancel")
        self.start_controller()
        self.assertEqual(done.code, 3, done.text)
        self.assertIn("is not ended yet; that it is to be is on record, and 'foz cancel' again or 'foz advance' does it", done.err)
        until(lambda: "note: it is to be cancelled, and that was not carried out to its end" in self.foz("status").out, "the remark", 20)
        self.assertEqual(self.foz("advance").code, 0)
        self.assertEqual(self.status()["state"], "cancelled")
        self.assertNotIn("it is to be cancelled", self.foz("status").out)

    def test_partners_are_let_go_when_the_controller_is_back(self):
        """Nobody looks on: the keepers do it."""
        self.workflow("  a: {matrix: {n: 0..1}, run: 'touch \"up.$FOZ_TASK_INDEX\"; while [ ! -e go ]; do sleep 0.1; done'}\n"
                      "  b: {needs: {a: each}, run: 'echo x >> \"b.$FOZ_TASK_INDEX\"'}\n"
                      "  c: {needs: b, run: 'echo x >> c'}\n")
        self.assertEqual(self.foz("run", "flow.yaml").code, 0)
        until(lambda: os.path.exists(self.path("up.0")) and os.path.exists(self.path("up.1")), "both to run")
        self.stop_controller()
        self.write("go", "")
        until(lambda: sum(r["k"] == "note" and "does not answer" in r["text"] for r in self.records()) == 2, "both keepers to be left alone", 120)
        self.start_controller()
        until(lambda: os.path.exists(self.path("c")), "the run to go on by itself", 120)
        self.assertEqual([self.read(name) for name in ("b.0", "b.1", "c")], ["x\n"] * 3)


class UnknownOutcome(FozCase):
    """sbatch registers the job, and then answers with a time-out; or it does not register it and says the same."""
    SCHEDULER = "commands"

    def fake_sbatch(self, registers_first):
        real = run(["sh", "-c", "command -v sbatch"]).out.strip()
        folder = self.path("bin")
        os.makedirs(folder)
        script = self.write("bin/sbatch", f"#!/bin/sh\nif mkdir '{self.folder}/once' 2>/dev/null; then\n"
                            + (f"  '{real}' \"$@\" > /dev/null || exit\n" if registers_first else "")
                            + "  echo 'sbatch: error: Batch job submission failed: Socket timed out on send/recv operation' >&2\n  exit 1\nfi\n"
                            f"exec '{real}' \"$@\"\n")
        os.chmod(script, os.stat(script).st_mode | stat.S_IXUSR)
        return dict(self.env, PATH=folder + ":" + self.env["PATH"])

    def check(self, registers_first):
        self.workflow("  s: {run: 'echo x >> count; sleep 1'}\n")
        env = self.fake_sbatch(registers_first)
        done = self.foz("run", "flow.yaml", "--wait", env=env)
        if done.code == 3:
            done = self.foz("advance", "--wait", env=env)
        self.assertEqual(done.code, 0, done.text)
        self.assertEqual(self.read("count"), "x\n")

    def test_a_job_that_was_registered_is_adopted(self):
        self.check(registers_first=True)

    def test_a_job_that_was_not_registered_is_sent_again(self):
        self.check(registers_first=False)


if __name__ == "__main__":
    unittest.main()
