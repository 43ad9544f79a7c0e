"""What foz says to somebody who sees it for the first time: which command was meant, why there is no log, what has failed, and what to type next."""
import json
import os
import re
import shutil
import signal
import time
import unittest

from foztest import FOZ, FozCase, run, until

SWEEP = '''  prepare: {run: [echo, ready]}
  train:
    needs: prepare
    matrix: {lr: 0..11}
    run: [bash, -c, 'echo "learning at $FOZ_MATRIX_LR"; exit "$(( FOZ_MATRIX_LR % 4 ))"']
  evaluate:
    needs: {train: each}
    run: [echo, fine]
'''


class CommandLines(FozCase):
    """No Slurm is asked: what is wrong is on the command line."""

    def refused(self, message, *args):
        done = self.foz(*args)
        self.assertEqual((done.code, done.out, done.err), (2, "", f"foz: {message}\n"), args)

    def test_the_command_that_was_meant_is_named(self):
        more = "\n  '%s --help' says more"
        self.refused("there is no command 'foz valdate': did you mean 'foz validate'?" + more % "foz", "valdate", "flow.yaml")
        self.refused("there is no command 'foz sandbox upp': did you mean 'foz sandbox up'?" + more % "foz sandbox", "sandbox", "upp")
        self.refused("there is no command 'foz plugin qqq': there are list, show, try" + more % "foz plugin", "plugin", "qqq")
        self.refused("'foz plugin' needs a command: list, show, try" + more % "foz plugin", "plugin")
        self.refused("'foz status' has no option '--jsn': did you mean '--json'?" + more % "foz status", "status", "--jsn")
        self.refused("'foz status' does not take the word 'two'" + more % "foz status", "status", "one", "two")
        self.refused("'foz run': file is required" + more % "foz run", "run")

    def test_help_is_a_command_too(self):
        for words in ([], ["run"], ["sandbox", "up"], ["help"]):
            option = run([FOZ, *words, "--help"], env=self.env)
            command = run([FOZ, "help", *words], env=self.env)
            self.assertEqual((command.code, command.out), (0, option.out))
        self.refused("there is no command 'foz sandbox upp': did you mean 'foz sandbox up'?", "help", "sandbox", "upp")

    def test_a_stage_may_have_the_name_of_a_command(self):
        self.workflow("  run: {run: [echo, mine]}\n")
        self.run_to_end()
        self.assertEqual(self.foz("logs", "run").out, "mine\n")

    def test_an_argument_that_is_wrong_is_bad_usage_in_every_command(self):
        self.workflow("  one: {run: [echo, fine]}\n  many: {matrix: {i: 0..2}, run: [echo, fine]}\n")
        self.run_to_end()
        nowhere = f"there is no run 'nosuch' in '{self.folder}' and the folders above it"
        no_folder = f"'{self.path('here')}' is no run: there is no plan.json in it"
        for command in ("status", "advance", "cancel"):
            self.refused(nowhere, command, "nosuch")
            self.refused(no_folder, command, "here/")
        self.refused(nowhere, "logs", "one", "--run", "nosuch")
        run_id = self.status()["run"]
        self.refused(f"run '{run_id}' has no stage 'mani': did you mean 'many'?", "cancel", "--stage", "mani")
        self.refused(f"run '{run_id}' has no stage 'zzzzzz': it has one, many", "logs", "zzzzzz")
        self.refused("stage 'many' has 3 tasks: say which, as in many[0]", "logs", "many")
        self.refused("stage 'many' has 3 tasks, counted from 0: there is no many[3]", "logs", "many[3]")
        self.refused("stage 'one' has 1 task, counted from 0: there is no one[1]", "logs", "one[1]")
        self.refused("\"many[x]\" is no task: say STAGE or STAGE[INDEX]", "logs", "many[x]")
        self.refused("attempt 1 of one has no rank \"7\": there is only 0", "logs", "one", "--rank", "7")
        self.refused("one has no log of attempt 4, only of 1", "logs", "one", "--attempt", "4")
        for args in (["plugin", "show", "nosuch"], ["plugin", "try", "nosuch"], ["plugin", "try", "plugins/nosuch"],
                     ["plugin", "try", "tensorflow", "--nodes", "0"], ["plugin", "try", "tensorflow", "--with", "x"],
                     ["plugin", "try", "tensorflow", "--memory", "much"], ["sandbox", "up", "--nodes", "0"],
                     ["sandbox", "up", "--gpus", "x"], ["sandbox", "status", "--name", "a/b"], ["sandbox", "env", "--name", "a/b"],
                     ["sandbox", "down", "--name", "a/b"], ["plan", "nosuch.yaml"], ["run", "nosuch.yaml"], ["validate", "nosuch.yaml"],
                     ["plan", "flow.yaml", "--param", "x"], ["plan", "flow.yaml", "--site", "nosuch"], ["logs", "one", "--attempt", "-1"],
                     ["--scheduler", "nosuch", "status"]):
            done = self.foz(*args)
            self.assertEqual((done.code, done.out), (2, ""), (args, done.text))
            self.assertRegex(done.err, r"^foz: .+\n", args)

    def test_the_schema_for_editors_is_printed(self):
        done = self.foz("validate", "--schema")
        self.assertEqual((done.code, done.err), (0, ""))
        self.assertIn("stages", json.loads(done.out)["properties"])

    def test_a_path_that_is_no_plugin_is_named(self):
        self.refused("there is no file or folder \"plugins/nosuch\"; of a plugin that 'foz plugin list' shows, the name is enough",
                     "plugin", "try", "plugins/nosuch")

    def test_a_configuration_that_is_gone_is_said_at_once(self):
        self.workflow("  one: {run: [echo, fine]}\n")
        self.run_to_end()
        gone = dict(self.env, SLURM_CONF=self.path("gone", "slurm.conf"))
        why = f"no Slurm can be asked: SLURM_CONF names '{gone['SLURM_CONF']}', which cannot be read: No such file or directory"
        for back_end in ("auto", "commands", "libslurm"):
            for args in (["run", "flow.yaml"], ["advance"], ["cancel"], ["logs", "-f", "one"]):
                began = time.monotonic()
                done = run([FOZ, "--scheduler", back_end, *args], env=gone, cwd=self.folder)
                self.assertEqual((done.code, done.out, done.err), (3, "", f"foz: {why}\n"), (back_end, args))
                self.assertLess(time.monotonic() - began, 5)
        planned = self.foz("plan", "flow.yaml", env=gone)
        self.assertEqual((planned.code, planned.err), (0, f"foz: planned without the cluster's partitions and limits: {why}\n"))
        self.assertEqual(self.foz("status", env=gone).code, 0)  # it is over: nobody needs to be asked


class Told(FozCase):
    """What status and logs say of runs."""

    def test_failures_are_told_by_kind_with_their_counts(self):
        self.workflow(SWEEP)
        self.run_to_end(code=1)
        text = self.foz("status").out
        for status in 1, 2, 3:  # each its own kind: nodes and values of the matrix are none
            self.assertRegex(text, rf"  train\[{status}\] \(lr={status}\) failed \(user_error\): .*exit status {status}: the last line of its log is \"learning at {status}\"\n"
                                   rf"      3 tasks like this: {status}, {status + 4}, {status + 8}\n")
        self.assertEqual(text.count(" failed ("), 3, text)

    def test_each_stage_tells_one_failure_and_the_rest_is_pointed_to(self):
        words = ["apple", "berry", "cherry", "date", "elder", "fig", "grape"]
        stages = "".join(f"  s{i}: {{run: [bash, -c, 'echo {word}; exit 1']}}\n" for i, word in enumerate(words[:6]))
        self.workflow(stages + f"  many:\n    matrix: {{word: [{', '.join(words)}]}}\n    run: [bash, -c, 'echo \"$FOZ_MATRIX_WORD\"; exit 1']\n")
        self.run_to_end(code=1)
        text = self.foz("status").out
        for name in [f"s{i}" for i in range(6)] + ["many[0] (word=apple)"]:
            self.assertIn(f"  {name} failed (user_error): ", text)
        run_id = self.status()["run"]
        self.assertIn(f"  ... and 6 tasks of other kinds: 'foz status {run_id} --json' has every task, "
                      f"'foz logs STAGE[INDEX] --run {run_id}' what one wrote\n", text)

    def test_signals_are_kinds_of_failure_too(self):
        self.workflow("  s: {matrix: {n: [9, 6, 9, 6]}, run: [bash, -c, 'kill -$FOZ_MATRIX_N $$']}\n")
        self.run_to_end(code=1)
        text = self.foz("status").out
        self.assertEqual([text.count(words) for words in (" failed (", "signal 9 ", "signal 6 ")], [2, 1, 1], text)
        self.assertIn("      2 tasks like this: 0, 2\n", text)
        self.assertIn("      2 tasks like this: 1, 3\n", text)

    def test_a_step_that_may_fail_is_told_where_it_did(self):
        self.workflow('''  one:
    steps:
      - {run: [bash, -c, 'echo no such thing; exit 3'], may_fail: true}
      - {run: [echo, fine]}
''')
        self.run_to_end()
        self.assertRegex(self.foz("status").out, r"\n  one step 0 failed, as it may: .*3.*\n")
        self.assertEqual(self.foz("logs", "one").out, "s0 | no such thing\ns1 | fine\n")
        self.assertEqual(self.foz("logs", "one", "--step", "1").out, "fine\n")
        wrong = self.foz("logs", "one", "--step", "7")
        self.assertEqual((wrong.code, wrong.err), (2, "foz: attempt 1 of one has no step \"7\": it has steps 0, 1\n"))
        wrong = self.foz("logs", "one", "--step", "1", "--rank", "3")
        self.assertEqual((wrong.code, wrong.err), (2, "foz: attempt 1 of one has no rank \"3\" of step \"1\": there is only s1\n"))
        self.assertRegex(self.foz("status", "--stage", "one").out, r"\n  one step 0 failed, as it may: .*3.*\n")
        told = self.status()["tolerated"]
        self.assertEqual([(t["stage"], t["index"], t["attempt"], t["step"], t["class"]) for t in told], [("one", 0, 1, 0, "user_error")])

    def test_the_logs_of_a_stage_with_setup_say_whose_line_is_whose(self):
        self.workflow("  one: {setup: [echo getting ready], run: [echo, hi]}\n")
        self.run_to_end()
        lines = self.foz("logs", "one").out.splitlines()
        self.assertEqual(lines[0], "0 | hi")
        self.assertRegex(lines[1], r"^setup\.\S+ \| getting ready$")
        self.assertEqual(self.foz("logs", "one", "--rank", "0").out, "hi\n")

    def test_why_there_is_no_log(self):
        self.workflow('''  bad: {run: ["false"]}
  after: {needs: bad, run: [echo, fine]}
  slow: {run: [sleep, "600"]}
  later: {needs: slow, matrix: {i: 0..1}, run: [echo, fine]}
''')
        self.assertEqual(self.foz("run", "flow.yaml").code, 0)
        until(lambda: self.task("bad")["state"] == "failed" and self.stage("slow")["counts"].get("running"), "the first two")
        self.assert_no_log("later[1]", "later[1] has not started: it waits for slow")
        until(lambda: self.stage("after")["counts"].get("dependency_failed"), "the child")
        self.assert_no_log("after", "no rank of after has run (dependency_failed): ", whole=False)
        self.assertEqual(self.foz("cancel").code, 0)
        self.assert_no_log("later[0]", "no rank of later[0] has run (cancelled): cancelled by foz cancel")
        self.assertEqual(self.task("slow")["sentence"], "cancelled by foz cancel")

    def test_what_never_ran_has_no_log_whatever_kept_it(self):
        self.workflow('''  train: {matrix: {i: 0..3}, run: [bash, -c, 'exit $(( FOZ_MATRIX_I == 3 ))']}
  score: {needs: {train: each}, run: [echo, fine]}
  pct: {needs: {train: 80%}, run: [echo, fine]}
  after: {needs: pct, run: [echo, fine]}
''')
        waited = self.run_to_end(code=1).out
        why = "3 of 4 tasks of 'train' succeeded, 80 % were asked for"
        self.assert_no_log("score[3]", "no rank of score[3] has run (dependency_failed): ", whole=False)
        self.assert_no_log("pct", f"no rank of pct has run (dependency_failed): {why}")
        self.assert_no_log("after", "no rank of after has run (dependency_failed): ", whole=False)
        for text in (waited, self.foz("status").out):
            self.assertIn(f"\n  pct dependency_failed: {why}\n", text)
            self.assertNotIn("  score[3] ", text)
            self.assertNotIn("  after dependency_failed", text)
        self.assert_only_logs_that_are_there()

    def test_a_queued_stage_that_was_cancelled_has_no_log(self):
        run(["sbatch", "--nodes=4", "--exclusive", "--output=/dev/null", "--job-name=other", "--wrap=sleep 600"], env=self.env)
        until(lambda: [job.split()[1] for job in self.queue()] == ["RUNNING"], "a full cluster")
        self.workflow('''  wide: {matrix: {i: 0..1}, resources: {nodes: 4, exclusive: true}, run: [sleep, "600"]}
  one: {resources: {nodes: 4, exclusive: true}, run: [sleep, "600"]}
''')
        self.assertEqual(self.foz("run", "flow.yaml").code, 0)
        for name, task in (("wide", "wide[1]"), ("one", "one")):
            self.assertEqual(self.foz("cancel", "--stage", name).code, 0)
            self.assert_no_log(task, f"no rank of {task} has run (cancelled): cancelled by foz cancel")
        self.assertIn("\n  wide[0-1] cancelled: cancelled by foz cancel\n", self.foz("status", "--stage", "wide").out)
        self.assert_only_logs_that_are_there()
        run(["scancel", "--name=other"], env=self.env)

    def assert_only_logs_that_are_there(self):
        logs = re.findall(r"^ +log: (.*)$", self.foz("status").out, re.MULTILINE)
        status = self.status()
        logs += [os.path.join(status["folder"], t["log"]) for s in status["stages"] for t in s["known"] if "log" in t]
        self.assertEqual([log for log in logs if not os.path.exists(log)], [])

    def test_the_run_of_a_folder_above_is_not_cancelled_unless_it_is_named(self):
        self.workflow("  one: {run: [sleep, '600']}\n")
        self.assertEqual(self.foz("run", "flow.yaml").code, 0)
        os.makedirs(self.path("sub"))
        run_id, folder = self.status()["run"], self.run_folder()
        message = (f"foz: no run in '{self.path('sub')}': the latest one above it is '{run_id}', in '{folder}'; "
                   f"if it is to end, say so by its id: 'foz cancel {run_id}'\n")
        for words in ([], ["latest"], ["--stage", "one"]):
            done = run([FOZ, "cancel", *words], env=self.env, cwd=self.path("sub"))
            self.assertEqual((done.code, done.out, done.err), (2, "", message))
        self.assertEqual(run([FOZ, "status"], env=self.env, cwd=self.path("sub")).code, 0)
        self.assertEqual(len(self.queue()), 1)
        done = run([FOZ, "cancel", run_id], env=self.env, cwd=self.path("sub"))
        self.assertEqual((done.code, done.out), (0, f"{run_id}: cancelled, no job of it is left\n"))

    def test_a_task_that_somebody_cancelled_with_slurm_is_named(self):
        self.workflow("  gen: {matrix: {i: 0..1}, run: ['bash', -c, 'echo $0; test $0 = 0 || sleep 600', '${{ matrix.i }}']}\n")
        self.assertEqual(self.foz("run", "flow.yaml").code, 0)
        until(lambda: self.stage("gen")["counts"].get("succeeded") and self.stage("gen")["counts"].get("running"), "one that sleeps")
        run(["scancel", f"{self.task('gen', 1)['job']}"], env=self.env)
        until(lambda: self.status()["state"] == "failed", "the end")
        self.assertRegex(self.foz("status").out, r"gen\[1\] \(i=1\) cancelled: it was cancelled\n +log: ")

    def test_logs_that_somebody_removed_are_said_to_be_gone(self):
        self.workflow("  bad: {run: 'echo hello; false'}\n  good: {run: [echo, hello]}\n")
        self.run_to_end(code=1)
        shutil.rmtree(os.path.join(self.run_folder(), "logs"))
        self.assert_no_log("bad", "bad failed, and there is no log of it: rank 0 on n1 ended with exit status 1: the last line of its log is \"hello\"")
        self.assert_no_log("good", "good succeeded, but there is no log of it")

    def test_a_task_that_has_written_nothing_says_how_it_is(self):
        self.workflow("  lost: {workdir: nosuch, run: [echo, fine]}\n  quiet: {run: ['true']}\n")
        self.run_to_end(code=1)
        lost = self.foz("logs", "lost")
        self.assertEqual((lost.code, lost.out), (3, ""), lost.text)
        self.assertRegex(lost.err, r"^foz: lost has written nothing: it failed \(\w+\): .*nosuch.*\n$")
        quiet = self.foz("logs", "quiet")
        self.assertEqual((quiet.code, quiet.out, quiet.err), (0, "", "foz: quiet has written nothing: it succeeded\n"))

    def test_what_the_job_said_stands_in_where_no_rank_could_start(self):
        self.workflow("  first: {run: [bash, -c, 'until test -e go; do sleep 0.05; done']}\n  lost: {needs: first, run: [echo, fine]}\n")
        self.assertEqual(self.foz("run", "flow.yaml").code, 0)
        os.unlink(os.path.join(self.run_folder(), "stages", "lost.json"))
        self.write("go", "")
        until(lambda: self.task("lost")["state"] in ("unknown", "failed"), "the end")
        done = self.foz("logs", "lost")
        self.assertEqual(done.code, 3, done.text)
        self.assertRegex(done.err, r"^foz: .*lost.*; this is what its job said:\n$")
        self.assertRegex(done.out, r"^foz-agent: cannot open '.*/stages/lost.json': No such file or directory\n$")

    def assert_no_log(self, task, message, whole=True):
        done = self.foz("logs", task)
        self.assertEqual((done.code, done.out), (3, ""), done.text)
        if whole:
            self.assertEqual(done.err, f"foz: {message}\n")
        else:
            self.assertTrue(done.err.startswith(f"foz: {message}"), done.text)

    def test_what_waits_for_others_says_for_whom(self):
        self.workflow('''  slow: {run: [sleep, "600"]}
  sweep: {needs: slow, matrix: {i: 0..1}, run: [echo, fine]}
  each: {needs: {sweep: each}, run: [echo, fine]}
  last: {needs: [each, slow], run: [echo, fine]}
''')
        self.assertEqual(self.foz("run", "flow.yaml").code, 0)
        until(lambda: self.stage("slow")["counts"].get("running"), "the first stage")
        text = self.foz("status").out
        for name, parents in (("sweep", "slow"), ("each", "sweep"), ("last", "each, slow")):
            self.assertRegex(text, rf"  {name} .* waiting  \(waits for {parents}\)\n")
        narrow = self.foz("status", env=dict(self.env, COLUMNS="48")).out
        self.assertIn("\n  last   [........]  1 waiting\n          (waits for each, slow)\n", narrow)
        self.assertLessEqual(max(map(len, narrow.splitlines())), 48)

    def test_failed_elements_are_named_with_their_values(self):
        self.workflow('''  train:
    matrix: {lr: ["0.1", "0.2"], seed: 1..3}
    steps:
      - {run: [bash, -c, 'exit "$(( FOZ_MATRIX_SEED == 2 ))"'], may_fail: true}
      - run: [bash, -c, 'echo tried; test "$FOZ_MATRIX_LR-$FOZ_MATRIX_SEED" != 0.2-2']
''')
        waited = self.run_to_end(code=1).out
        self.assertRegex(waited, r"\n  \d\d:\d\d:\d\d  train +\d.*; train\[4\] \(lr=0\.2, seed=2\) failed\n")
        text = self.foz("status").out
        self.assertRegex(text, r'\n  train\[4\] \(lr=0\.2, seed=2\) failed \(user_error\): step 1, rank 0 on \w+ ended with exit status 1: '
                               r'the last line of its log is "tried"\n')
        self.assertRegex(text, r"\n  train\[1\] \(lr=0\.1, seed=2\) step 0 failed, as it may: ")
        self.assertEqual(self.task("train", 4)["matrix"], {"lr": "0.2", "seed": "2"})
        self.assertNotIn("matrix", self.task("train", 3))

    def test_a_stage_is_told_task_by_task(self):
        self.workflow('''  many:
    matrix: {i: 0..39}
    array: {at_most: 2}
    run: [bash, -c, 'case $FOZ_MATRIX_I in 0) exit 4;; *) echo up; until test -e go; do sleep 0.05; done;; esac']
  after: {needs: many, matrix: {i: 0..2}, run: [echo, fine]}
''')
        self.assertEqual(self.foz("run", "flow.yaml").code, 0)
        until(lambda: {"running": 2, "failed": 1}.items() <= self.stage("many")["counts"].items(), "two that run")
        first, second = (t for t in self.stage("many")["known"] if t["state"] == "running")
        text = self.foz("status", "--stage", "many").out
        lines = text.splitlines()
        self.assertRegex(lines[0], r"^\S+  test  running  began \d{4}-\d\d-\d\d \d\d:\d\d:\d\d, for [\d.]+ s$")
        self.assertRegex(lines[1], r"^  many   \[\.{20}\]  1 failed, 2 running, 37 \w+  for [\d.]+ s")
        for line, task in ((2, first), (3, second)):
            i = task["index"]
            self.assertRegex(lines[line], rf"^  many\[{i}\] \(i={i}\) running  job {task['job']} on {task['nodes']} for [\d.]+ s$")
        self.assertRegex(lines[4], r"^  many\[0\] \(i=0\) failed \(user_error\)  job \d+ on \w+ after [\d.]+ s$")
        self.assertRegex(lines[5], r"^      rank 0 on \w+ ended with exit status 4$")
        self.assertRegex(lines[6], r"^  many\[\d.*\] (queued|waiting|held)")
        after = self.foz("status", "--stage", "after").out.splitlines()
        self.assertEqual(len(after), 3, after)
        self.assertRegex(after[2], r"^  after\[0-2\] dependency_failed")
        run_id = self.status()["run"]
        wrong = self.foz("status", "--stage", "mani")
        self.assertEqual((wrong.code, wrong.out, wrong.err), (2, "", f"foz: run '{run_id}' has no stage 'mani': did you mean 'many'?\n"))
        self.write("go", "")

    def test_a_stage_of_many_failures_is_a_screenful(self):
        self.workflow("  many: {matrix: {i: 0..29}, run: [bash, -c, 'exit 3']}\n")
        self.run_to_end(code=1)
        text = self.foz("status", "--stage", "many").out
        self.assertEqual(text.count(" failed (user_error)"), 20, text)
        self.assertIn("\n  ... 10 more failed\n", text)

    def test_times_are_told_and_stay_what_they_were(self):
        self.workflow("  one: {run: [sleep, '1']}\n")
        self.run_to_end()
        status = self.status()
        self.assertLessEqual(status["began_ms"], self.stage("one", status)["started_ms"])
        self.assertGreaterEqual(status["ended_ms"], self.stage("one", status)["ended_ms"])
        self.assertGreaterEqual(self.stage("one", status)["ended_ms"] - self.stage("one", status)["started_ms"], 1000)
        for command in (["status"], ["list"]):
            self.assertRegex(self.foz(*command).out, r"  (began )?\d{4}-\d\d-\d\d \d\d:\d\d:\d\d, took [\d.]+ s\n")

    def test_a_workflow_of_many_stages_is_followed_in_one_line_at_a_time(self):
        self.workflow("".join(f"  s{i}: {{run: [bash, -c, 'exit {int(i == 7)}']}}\n" for i in range(21)))
        told = re.findall(r"^  \d\d:\d\d:\d\d  (.*)$", self.run_to_end(code=1).out, re.MULTILINE)
        for line in told:
            self.assertRegex(line, r"^\d+ of 21 stages over, \d+ under way(; s7 failed)?$")
        self.assertEqual(len([line for line in told if line.endswith("; s7 failed")]), 1, told)

    def test_a_run_without_its_plan_is_damaged_and_no_other_one_is_taken_for_it(self):
        self.workflow("  one: {run: [echo, fine]}\n")
        self.run_to_end()
        older = self.status()["run"]
        self.run_to_end()
        newer, plan = self.status()["run"], os.path.join(self.run_folder(), "plan.json")
        os.unlink(plan)
        why = f"cannot be read: cannot open '{plan}': No such file or directory"
        listed = self.foz("list")
        self.assertEqual(listed.code, 0)
        self.assertRegex(listed.out, rf"^{older} .* succeeded .*\n{newer} +damaged: it {re.escape(why)}\n$")
        as_json = [json.loads(line) for line in self.foz("list", "--json").out.splitlines()]
        self.assertEqual([r["state"] for r in as_json], ["succeeded", "unreadable"])
        for args in (["status"], ["advance"], ["cancel"], ["logs", "one"]):
            done = self.foz(*args)
            self.assertEqual((done.code, done.out, done.err), (3, "", f"foz: the latest run '{newer}' {why}; 'foz list' shows the others\n"))
        named = self.foz("status", newer)
        self.assertEqual((named.code, named.err), (3, f"foz: run '{newer}' {why}\n"))
        self.assertEqual(self.foz("status", older).code, 0)
        os.makedirs(self.path(".foz", "runs", ".calm-bay-0001.new", "journal"))  # was never finished: no run
        self.assertNotIn("calm-bay", self.foz("list").out)

    def test_hints_are_right_from_where_they_are_read(self):
        os.makedirs(self.path("some where"))
        self.workflow("  one: {run: [sleep, '600']}\n", name="some where/flow.yaml")
        done = self.foz("run", "some where/flow.yaml")
        self.assertEqual(done.code, 0, done.text)
        runs = self.path("some where", ".foz", "runs")
        folder = os.path.join(runs, os.listdir(runs)[0])
        self.assertIn(f"; 'foz status '{folder}'' shows it", done.out.replace("\\", ""))
        self.assertEqual(self.foz("status", folder).code, 0)

    def test_list_finds_runs_above_and_says_where_it_looked(self):
        empty = self.foz("list")
        self.assertEqual((empty.code, empty.out),
                         (0, f"no run in '{self.folder}' and the folders above it: runs lie in .foz/runs beside their workflow\n"))
        self.workflow("  one: {run: [echo, fine]}\n")
        self.run_to_end()
        os.makedirs(self.path("deep", "down"))
        below = run([FOZ, "list"], env=self.env, cwd=self.path("deep", "down"))
        self.assertEqual((below.code, below.out), (0, self.foz("list").out))

    def test_an_interrupt_ends_the_waiting_and_not_the_run(self):
        self.workflow("  one: {run: [sleep, '600']}\n")
        process = self.start("run", "flow.yaml", "--wait")
        until(lambda: self.foz("status").code != 2 and self.stage("one")["counts"].get("running"), "a running task")
        process.send_signal(signal.SIGINT)
        text = process.communicate(timeout=30)[0]
        self.assertEqual(process.returncode, 130, text)
        run_id = self.status()["run"]
        self.assertIn(f"\nfoz: run {run_id} goes on: 'foz status {run_id}' shows it, 'foz advance --wait {run_id}' follows it again, "
                      f"'foz cancel {run_id}' ends it\n", text)
        self.assertEqual(self.stage("one")["counts"], {"running": 1})

    def test_a_refusal_is_told_line_by_line_and_once(self):
        self.workflow("  one: {run: [echo, fine], slurm: {reservation: nosuch}}\n")
        done = self.foz("run", "flow.yaml")
        self.assertEqual(done.code, 3, done.text)
        text = self.foz("status").out
        logs = self.foz("logs", "one")
        self.assertEqual(logs.code, 3, logs.text)
        self.assertTrue(logs.err.startswith("foz: no rank of one has run (launch_failed): Slurm refused job"), logs.err)
        self.assertNotIn("\\n", text + logs.err)
        self.assertEqual(text.count("Slurm refused job"), 1, text)
        self.assertEqual(len(json.loads(self.foz("status", "--json").out)["stages"]), 1)

    def test_one_refusal_is_told_once_whatever_it_kept_from_being_sent(self):
        self.workflow("  bad: {run: [echo, fine], slurm: {reservation: nosuch}}\n" +
                      "".join(f"  s{i}: {{matrix: {{i: 0..1}}, run: [echo, fine]}}\n" for i in range(6)))
        self.assertEqual(self.foz("run", "flow.yaml").code, 3)
        text = self.foz("status").out
        self.assertEqual(text.count("Slurm refused job"), 1, text)
        self.assertIn("\n  s0[0] (i=0) cancelled: never sent\n      2 tasks like this: 0-1\n"
                      "      6 stages like this: s0, s1, s2, s3, s4, s5\n", text)
        self.assertNotIn("of other kinds", text)

    def test_json_without_a_journal_is_an_error_and_no_lie(self):
        self.workflow("  one: {steps: [{run: ['false'], may_fail: true}, {run: ['true']}]}\n")
        self.run_to_end()
        os.rename(os.path.join(self.run_folder(), "journal"), os.path.join(self.run_folder(), "lost"))
        done = self.foz("status", "--json")
        self.assertEqual((done.code, done.out), (3, ""), done.text)
        self.assertIn("journal", done.err)


if __name__ == "__main__":
    unittest.main()
