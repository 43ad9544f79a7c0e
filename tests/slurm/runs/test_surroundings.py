"""What surrounds a command of foz and must not count: an outer job, defaults for Slurm's commands, output formats, --export, locale and time zone."""
import json
import os
import subprocess
import sys
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "..", "support"))
from foztest import FOZ, FozCase, Sandbox, run, until  # noqa: E402

# Prints its environment as a JSON list of NAME=VALUE in bytes that JSON can hold.
SHOW = ("import json,os,sys\n"
        "text=lambda b: b.decode('utf-8','surrogateescape')\n"
        "json.dump({'argv': sys.argv[1:], 'env': {text(k): text(v) for k, v in os.environb.items()}}, sys.stdout)\n"
        "print()\n")
BACK_ENDS = ("commands", "libslurm")


class SurroundedCase(FozCase):
    def at(self, backend, *args, env=None, cwd=None, timeout=120):
        return run([FOZ, "--scheduler", backend, *args], env=env or self.env, cwd=cwd or self.folder, timeout=timeout)

    def shown(self, stage, env=None):
        """What SHOW printed, a dictionary for each rank."""
        done = self.foz("logs", stage, env=env)
        self.assertEqual(done.code, 0, done.text)
        return [json.loads(line[line.index("{"):]) for line in done.out.strip().split("\n")]


class OuterJob(SurroundedCase):
    SANDBOX = ("--nodes", "4", "--cpus", "8", "--gpus", "a100:2")
    # Of a job: ids, times and places of its own.
    OWN = {"SLURM_JOB_ID", "SLURM_JOBID", "SLURM_JOB_NAME", "SLURM_JOB_START_TIME", "SLURM_JOB_END_TIME", "SLURM_JOB_NODELIST", "SLURM_NODELIST",
           "SLURM_TOPOLOGY_ADDR", "SLURMD_NODENAME", "SLURM_NODE_ALIASES", "SLURM_ARRAY_JOB_ID", "SLURM_TASK_PID", "SLURM_JOB_GPUS",
           "CUDA_VISIBLE_DEVICES", "GPU_DEVICE_ORDINAL", "ROCR_VISIBLE_DEVICES", "SLURM_SUBMIT_HOST",
           "SLURM_JOB_DEPENDENCY", "HOSTNAME", "SHLVL", "_", "OLDPWD"}

    def environment_of(self, shown):
        return {k: v for k, v in shown["env"].items() if k not in self.OWN and not k.startswith("FOZ_")}

    def prepare(self):
        self.write("show.py", SHOW)
        self.workflow("  a: {run: [python3, show.py], resources: {nodes: 1, cpus_per_node: 2, gpus_per_node: 1, memory_per_node: 100MiB, time: 9m}}\n"
                      "  b: {needs: a, matrix: {n: [1]}, run: [python3, show.py], resources: {nodes: 2}}\n")

    def test_a_run_begun_inside_a_job_is_as_one_from_the_shell(self):
        self.prepare()
        for backend in BACK_ENDS:
            with self.subTest(backend):
                self.assertEqual(self.at(backend, "run", "flow.yaml", "--wait").code, 0)
                outside = {s: self.shown(s) for s in "ab"}
                env = dict(self.env, SBATCH_TIMELIMIT="1:00:00", SRUN_CPUS_PER_TASK="2", FOZ_UNDER_TEST=FOZ, FOZ_BACKEND=backend)
                done = run(["sbatch", "--wait", "--output=outer.log", "--ntasks=2", "--cpus-per-task=2", "--mem-per-cpu=50M", "--gres=gpu:a100:2",
                            "--array=5", "--export=ALL", "--wrap",
                            "srun --ntasks=1 --overlap bash -c 'export SLURM_CPU_BIND=map_cpu:1 SBATCH_PARTITION=nosuch SLURM_EXPORT_ENV=NONE PMI_RANK=3; "
                            "exec \"$FOZ_UNDER_TEST\" --scheduler \"$FOZ_BACKEND\" run flow.yaml --wait'"], env=env, cwd=self.folder)
                self.assertEqual(done.code, 0, done.text + self.read("outer.log"))
                self.assert_shown_as(outside)
                done = run(["salloc", "--ntasks=2", "--cpus-per-task=2", "--mem-per-cpu=50M", "--gres=gpu:a100:2", "--time=3",
                            FOZ, "--scheduler", backend, "run", "flow.yaml", "--wait"], env=env, cwd=self.folder)
                self.assertEqual(done.code, 0, done.text)
                self.assert_shown_as(outside)

    def assert_shown_as(self, outside):
        inside = {s: self.shown(s) for s in "ab"}
        for stage in "ab":
            self.assertEqual([len(e) for e in (outside[stage], inside[stage])], [1 + (stage == "b")] * 2)
            for before, now in zip(outside[stage], inside[stage]):
                self.assertEqual(self.environment_of(now), self.environment_of(before))
        self.assertEqual(len(inside["a"][0]["env"]["CUDA_VISIBLE_DEVICES"].split(",")), 1)

    def test_plan_names_defaults_that_would_have_changed_something(self):
        self.prepare()
        env = dict(self.env, SBATCH_PARTITION="debug", SBATCH_EXPORT="NONE", SBATCH_ACCOUNT="x", SLURM_JOB_ID="7", SLURM_NTASKS="2", PMIX_RANK="0")
        done = self.foz("plan", "flow.yaml", env=env)
        self.assertEqual((done.code, done.err), (0, ""), done.text)
        last = done.out.split("\n")[-3:]
        for line, names in zip(last, ({"SBATCH_PARTITION", "SBATCH_EXPORT", "SBATCH_ACCOUNT"}, {"SLURM_JOB_ID", "SLURM_NTASKS", "PMIX_RANK"})):
            self.assertEqual(set(line.split("): ")[1].split(", ")), names)
        self.assertIn("defaults for sbatch that do not count here", last[0])
        named = json.loads(self.foz("plan", "flow.yaml", "--json", env=env).out)["left_out_of_environment"]
        self.assertEqual(set(named), {"SBATCH_PARTITION", "SBATCH_EXPORT", "SBATCH_ACCOUNT", "SLURM_JOB_ID", "SLURM_NTASKS", "PMIX_RANK"})
        plain = self.foz("plan", "flow.yaml")
        self.assertNotIn("left out", plain.out)
        self.assertNotIn("do not count", plain.out)

    def test_the_cluster_that_is_named_is_the_one_that_is_used(self):
        """SLURM_CONF stays, also inside a job of another cluster."""
        self.prepare()
        with Sandbox("--nodes", "2", "--cpus", "4", "--gpus", "a100:1") as other:
            for backend in BACK_ENDS:
                with self.subTest(backend):
                    done = run(["sbatch", "--wait", "--output=outer.log", "--wrap",
                                f"export SLURM_CONF='{other.env['SLURM_CONF']}'; '{FOZ}' --scheduler {backend} run flow.yaml --wait"],
                               env=dict(self.env, FOZ_SITE="sandbox"), cwd=self.folder)
                    self.assertEqual(done.code, 0, done.text + self.read("outer.log"))
                    shown = self.shown("a", env=other.env)[0]["env"]
                    self.assertEqual(shown["SLURM_CONF"], other.env["SLURM_CONF"])


class ExportedBytes(SurroundedCase):
    SANDBOX = ("--nodes", "4", "--cpus", "8")
    VALUES = {"COMMA": "a,b", "EQUALS": "x=y z", "QUOTES": "'\"`", "LINES": "one\ntwo\n", "EMPTY": "", "DOLLAR": "$HOME ${PATH} $(touch pwned)",
              "PERCENT": "%s%n", "BACKSLASH": "\\n\\", "UMLAUT": "ümläut €", "DASH": "--export=NONE", "SPACES": "  x  ", "LONG": "y" * 60000}
    SHELL = {"MY_COMMA": "a,b", "MY_LINES": "one\ntwo\n", "MY_BYTE": "caf\udce9", "MY_EMPTY": "", "BASH_FUNC_f%%": "() {  :\n}"}

    def prepare(self):
        self.write("show.py", SHOW)
        env = ", ".join(f"{name}: {json.dumps(value, ensure_ascii=False)}" for name, value in self.VALUES.items())
        self.workflow(f"  one: {{env: {{{env}}}, run: [python3, show.py, 'a,b', '']}}\n"
                      f"  many: {{env: {{{env}}}, run: [python3, show.py, 'a,b', ''], resources: {{nodes: 2, ranks_per_node: 2}}}}\n")

    def check(self, world, env, has_path=True):
        for stage, ranks in (("one", 1), ("many", 4)):
            shown = self.shown(stage)
            self.assertEqual(len(shown), ranks)
            for rank in shown:
                self.assertEqual(rank["argv"], ["a,b", ""])
                self.assertEqual({name: rank["env"].get(name) for name in env}, env)
                if has_path:
                    self.assertIn("/bin", rank["env"]["PATH"])
                self.assertNotIn("SLURM_EXPORT_ENV", rank["env"])
            self.assertEqual(sorted(rank["env"]["FOZ_RANK"] for rank in shown), [str(i) for i in range(ranks)], world)
        self.assertFalse(os.path.exists(self.path("pwned")))

    def test_every_rank_sees_the_very_bytes(self):
        self.prepare()
        for backend in BACK_ENDS:
            with self.subTest(backend):
                done = self.at(backend, "run", "flow.yaml", "--wait", env=dict(self.env, **self.SHELL))
                self.assertEqual(done.code, 0, done.text)
                self.check(backend, {**self.VALUES, **self.SHELL})

    def test_no_default_of_the_shell_takes_them_away(self):
        self.prepare()
        none = dict(self.env, **self.SHELL, SBATCH_EXPORT="NONE", SLURM_EXPORT_ENV="NONE", SALLOC_EXPORT="NONE", SBATCH_GET_USER_ENV="1")
        for backend in BACK_ENDS:
            with self.subTest(backend):
                done = self.at(backend, "run", "flow.yaml", "--wait", env=none)
                self.assertEqual(done.code, 0, done.text)
                self.check(backend, {**self.VALUES, **self.SHELL})

    def test_a_site_that_exports_nothing_still_gives_every_rank_its_values(self):
        self.prepare()
        self.write("site.yaml", "foz_site: 1\nname: none\nsbatch_args: [--export=NONE]\noutputs_wait: 5s\npolling_floor: 2s\naddress: {interface: lo}\n")
        for backend in BACK_ENDS:
            with self.subTest(backend):
                done = self.at(backend, "--site", "site.yaml", "run", "flow.yaml", "--wait", env=dict(self.env, **self.SHELL))
                self.assertEqual(done.code, 0, done.text)
                # Slurm makes the environment anew with `su`, which a slurmd that is not root's may not
                self.check(backend, self.VALUES, has_path=os.getuid() == 0)


class OutputSettings(SurroundedCase):
    SANDBOX = ("--nodes", "4", "--cpus", "8")
    ODD = {"SQUEUE_FORMAT": "%j", "SQUEUE_FORMAT2": "name:3", "SQUEUE_SORT": "-i", "SQUEUE_STATES": "PD", "SQUEUE_PARTITION": "nosuch", "SQUEUE_USERS": "nobody",
           "SQUEUE_ACCOUNT": "x", "SQUEUE_NAMES": "x", "SQUEUE_QOS": "x", "SQUEUE_LICENSES": "x", "SQUEUE_ARRAY": "1", "SQUEUE_ALL": "1", "SQUEUE_PRIORITY": "1",
           "SACCT_FORMAT": "user", "SACCT_LOCAL": "1", "SACCTMGR_FORMAT": "x", "SINFO_FORMAT": "%P", "SINFO_SORT": "-P", "SINFO_PARTITION": "nosuch", "SINFO_ALL": "1",
           "SCONTROL_ALL": "1", "SCONTROL_FUTURE": "1", "SCANCEL_STATE": "PENDING", "SCANCEL_NAME": "x", "SCANCEL_INTERACTIVE": "1", "SCANCEL_VERBOSE": "1",
           "SLURM_TIME_FORMAT": "relative", "SLURM_BITSTR_LEN": "4", "SLURM_DEBUG": "4", "SLURM_UNBUFFEREDIO": "1",
           "LANG": "C", "LC_ALL": "C", "LC_TIME": "de_DE.UTF-8", "TZ": "Asia/Kathmandu", "COLUMNS": "20"}

    def seen(self, backend, env):
        """Status, list and logs, less what changes with the moment."""
        status = self.at(backend, "status", "--json", env=env)
        listed = self.at(backend, "list", "--json", env=env)
        logs = self.at(backend, "logs", "a[0]", env=env)
        self.assertEqual((status.code, listed.code, logs.code), (0, 0, 0), status.text + listed.text + logs.text)
        return json.loads(status.out), listed.out, logs.out

    def four_tasks_run_and_say_so(self):
        """Until its keeper has written, a running task is known from the queue alone, and its row changes once more."""
        a, b = self.stage("a"), self.stage("b")
        counts = (a["counts"], b["counts"].get("running"))
        return counts == ({"succeeded": 1, "running": 3}, 1) and all("attempt" in row for row in a["known"] + b["known"])

    def test_status_is_the_same_with_every_setting_and_beside_odd_jobs(self):
        held = ["sbatch", "--parsable", "--hold", "--output=/dev/null", "--wrap", "true"]
        for name in (b"caf\xe9 \xff", b"a|b\nc\x1f\x1e d", "ümläut".encode(), b"%i %j"):
            self.assertEqual(subprocess.run([*held[:-2], b"--job-name=" + name, *held[-2:]], env=self.env, cwd=self.folder, capture_output=True, check=False).returncode, 0)
        self.workflow("  a: {matrix: {n: 0..3}, run: 'echo begun; test $FOZ_MATRIX_N = 0 || while [ ! -e go ]; do sleep 0.1; done'}\n"
                      "  b: {needs: {a: each}, run: 'while [ ! -e go ]; do sleep 0.1; done'}\n"
                      "  c: {needs: b, matrix: {n: 1..20}, run: 'true'}\n")
        odd = dict(self.env, **self.ODD)
        for backend in BACK_ENDS:
            with self.subTest(backend):
                begun = self.at(backend, "run", "flow.yaml", env=odd)
                self.assertEqual(begun.code, 0, begun.text)
                until(self.four_tasks_run_and_say_so, "four running tasks, each with a journal of its own")
                plain = self.seen(backend, self.env)
                self.assertEqual(self.seen(backend, odd), plain)
                self.assertEqual(plain[0]["state"], "running")
                self.assertEqual(self.stage("c", plain[0])["counts"], {"waiting": 20})
                self.write("go", "")
                done = self.at(backend, "advance", "--wait", env=odd)
                self.assertEqual(done.code, 0, done.text)
                self.assertEqual(self.seen(backend, odd), self.seen(backend, self.env))
                os.unlink(self.path("go"))

    def test_cancel_reaches_every_element_with_every_setting(self):
        self.workflow("  a: {matrix: {n: 0..9}, array: {at_most: 4}, run: 'sleep 600'}\n  b: {needs: {a: each}, run: 'true'}\n")
        odd = dict(self.env, **self.ODD)
        for backend in BACK_ENDS:
            with self.subTest(backend):
                self.assertEqual(self.at(backend, "run", "flow.yaml", env=odd).code, 0)
                until(lambda: self.stage("a")["counts"].get("running") == 4, "four running tasks")
                done = self.at(backend, "cancel", env=odd)
                self.assertEqual(done.code, 0, done.text)
                self.assertEqual(self.queue(), [])


if __name__ == "__main__":
    unittest.main()
