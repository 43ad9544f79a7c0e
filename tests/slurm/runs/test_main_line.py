"""One workflow through the whole house on a real Slurm: plan, submit, agent, journal, status."""
import json
import os
import sys
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "..", "support"))
from foztest import FozCase, run, until  # noqa: E402


class MainLine(FozCase):
    def test_one_command_runs_and_is_followed_to_its_end(self):
        self.workflow("  hello: {run: [echo, 'a  b', '$HOME']}\n")
        self.run_to_end()
        status = self.status()
        self.assertEqual(status["state"], "succeeded")
        self.assertEqual(self.task("hello", 0, status)["state"], "succeeded")
        logs = self.foz("logs", "hello")
        self.assertEqual((logs.code, logs.out), (0, "a  b $HOME\n"))

    def test_a_string_is_bash_and_stops_at_the_first_failure(self):
        self.workflow("  s: {run: 'false | cat; echo not reached'}\n")
        self.run_to_end(code=1)
        task = self.task("s")
        self.assertEqual((task["state"], task["class"]), ("failed", "user_error"))
        self.assertNotIn("not reached", self.foz("logs", "s").out)

    def test_stages_hand_outputs_on(self):
        self.workflow(
            "  make: {run: 'echo 42 > n.txt', outputs: {n: n.txt}}\n"
            "  use: {needs: make, run: [cat, '${{ needs.make.n }}']}\n")
        self.run_to_end()
        self.assertEqual(self.foz("logs", "use").out, "42\n")

    def test_a_matrix_becomes_one_array_and_values_stay_as_written(self):
        self.workflow("  t:\n    matrix: {lr: [0.10, 1e-3], n: 08..10}\n"
                      "    run: [sh, -c, 'echo \"$FOZ_TASK_NAME $FOZ_MATRIX_LR $FOZ_MATRIX_N $1\"', x, '${{ matrix.lr }}']\n")
        self.run_to_end()
        lines = [self.foz("logs", f"t[{i}]").out.strip() for i in range(6)]
        self.assertEqual(lines, ["t.0 0.10 08 0.10", "t.1 0.10 09 0.10", "t.2 0.10 10 0.10",
                                 "t.3 1e-3 08 1e-3", "t.4 1e-3 09 1e-3", "t.5 1e-3 10 1e-3"])
        submitted = [r for r in self.records() if r["k"] == "submitted"]
        self.assertEqual(len(submitted), 1)

    def test_ranks_know_their_world(self):
        self.workflow("  w:\n    run: [sh, -c, 'echo $1 $2 $3', x, '${{ rank }}', '${{ world_size }}', '${{ local_rank }}']\n"
                      "    resources: {nodes: 2, ranks_per_node: 2}\n")
        self.run_to_end()
        lines = sorted(line.split("|", 1)[-1].strip() for line in self.foz("logs", "w").out.strip().split("\n"))
        self.assertEqual(lines, ["0 4 0", "1 4 1", "2 4 0", "3 4 1"])

    def test_steps_run_in_order_in_one_job(self):
        self.workflow("  s:\n    resources: {nodes: 2}\n    steps:\n"
                      "      - {run: 'echo prepared >> \"$FOZ_RUN_DIR/../../../on-$SLURMD_NODENAME\"; echo ok', on: every_node}\n"
                      "      - {run: 'false', may_fail: true, on: first_node}\n"
                      "      - {run: [echo, last], on: first_node}\n")
        self.run_to_end()
        self.assertIn("last", self.foz("logs", "s").out)


class ArrayLimit(FozCase):
    SANDBOX = ("--nodes", "4", "--cpus", "4", "--max-array-size", "5")

    def test_a_long_array_is_split_and_its_join_waits_for_every_part(self):
        """MaxArraySize bounds the index; task numbers go on without a gap (an array of 12 at a limit of 5)."""
        self.workflow("  many: {matrix: {n: 1..12}, run: 'echo $FOZ_MATRIX_N > out.$FOZ_TASK_INDEX', outputs: {o: 'out.${{ task.index }}'}}\n"
                      "  join: {needs: many, run: [cat, '${{ needs.many.manifest }}']}\n")
        with_limit = run(["scontrol", "show", "config"], env=self.env).out
        self.assertIn("MaxArraySize            = 5", with_limit)
        self.run_to_end()
        self.assertEqual(sorted(int(self.read(f"out.{i}")) for i in range(12)), list(range(1, 13)))
        manifest = [json.loads(line) for line in self.foz("logs", "join").out.strip().split("\n")]
        self.assertEqual([m["index"] for m in manifest], list(range(12)))
        self.assertEqual({m["state"] for m in manifest}, {"succeeded"})
        self.assertEqual(len([r for r in self.records() if r["k"] == "submitted"]), 4)  # 5 + 5 + 2, and the join


class Sweep(FozCase):
    def test_a_failed_element_stops_its_partner_alone(self):
        self.workflow(
            "  a: {matrix: {n: 0..4}, run: 'echo line of $FOZ_MATRIX_N; test $FOZ_MATRIX_N != 2'}\n"
            "  b: {needs: {a: each}, run: 'echo $FOZ_MATRIX_N > b.$FOZ_TASK_INDEX'}\n"
            "  c: {needs: {b: finished}, run: [cp, '${{ needs.b.manifest }}', manifest]}\n"
            "  d: {needs: {b: success}, run: [touch, never]}\n")
        done = self.run_to_end(code=1)
        self.assertIn("a[2] (n=2) failed (user_error)", done.out)
        self.assertIn("line of 2", done.out)
        status = self.status()
        self.assertEqual(self.stage("a", status)["counts"], {"succeeded": 4, "failed": 1})
        self.assertEqual(self.stage("b", status)["counts"], {"succeeded": 4, "dependency_failed": 1})
        self.assertEqual(self.stage("c", status)["counts"], {"succeeded": 1})
        self.assertEqual(self.stage("d", status)["counts"], {"dependency_failed": 1})
        self.assertEqual([os.path.exists(self.path(f"b.{i}")) for i in range(5)], [True, True, False, True, True])
        self.assertFalse(os.path.exists(self.path("never")))
        states = [json.loads(line)["state"] for line in self.read("manifest").strip().split("\n")]
        self.assertEqual(states, ["succeeded", "succeeded", "dependency_failed", "succeeded", "succeeded"])

    def test_a_stage_that_never_starts_leaves_no_partner_behind(self):
        """Nobody looks on: what is held for its elements goes, and what waits for their end, however it is, runs."""
        self.workflow(
            "  features: {run: 'exit 1'}\n"
            "  train: {needs: features, matrix: {n: 0..2}, run: [touch, never]}\n"
            "  evaluate: {needs: {train: each}, run: [touch, never]}\n"
            "  publish: {needs: {evaluate: each}, run: [touch, never]}\n"
            "  best: {needs: {evaluate: finished}, run: [touch, best]}\n")
        self.assertEqual(self.foz("run", "flow.yaml").code, 0)
        until(lambda: os.path.exists(self.path("best")) and not self.queue(), "the join behind it, and an empty queue")
        status = self.status()
        self.assertEqual({s["name"]: s["counts"] for s in status["stages"]},
                         {"features": {"failed": 1}, "train": {"dependency_failed": 3}, "evaluate": {"dependency_failed": 3},
                          "publish": {"dependency_failed": 3}, "best": {"succeeded": 1}})
        self.assertEqual((status["state"], status["remarks"]), ("failed", []))
        self.assertFalse(os.path.exists(self.path("never")))

    def test_partners_of_the_quick_ones_do_not_wait_for_the_slow_ones(self):
        """Of 100 elements the first 12 wait for a file: the partners of the 88 others run meanwhile."""
        self.workflow(
            "  a: {matrix: {n: 1..100}, run: 'test $FOZ_TASK_INDEX -ge 12 || while [ ! -e go ]; do sleep 0.2; done'}\n"
            "  b: {needs: {a: each}, run: 'echo > b.$FOZ_TASK_INDEX'}\n")
        self.assertEqual(self.foz("run", "flow.yaml").code, 0)
        made = lambda: len([f for f in os.listdir(self.folder) if f.startswith("b.")])  # noqa: E731
        until(lambda: made() == 88, "88 partners", 90)
        self.assertEqual(self.stage("a")["counts"].get("running", 0), 12)
        self.write("go", "")
        self.assertEqual(self.foz("advance", "--wait").code, 0)
        self.assertEqual(made(), 100)

    def test_a_percentage_is_enough(self):
        self.workflow(
            "  a: {matrix: {n: 1..10}, run: 'test $FOZ_MATRIX_N != 3'}\n"
            "  ok: {needs: {a: 90%}, run: [touch, ok]}\n"
            "  no: {needs: {a: 95%}, run: [touch, no]}\n")
        self.run_to_end(code=1)
        self.assertEqual((os.path.exists(self.path("ok")), os.path.exists(self.path("no"))), (True, False))
        self.assertEqual(self.task("no")["state"], "dependency_failed")
        self.assertEqual(self.task("no")["sentence"], "9 of 10 tasks of 'a' succeeded, 95 % were asked for")

    SANDBOX = ("--nodes", "4", "--cpus", "16")

    def test_a_run_that_cannot_be_read_is_listed_in_the_form_that_was_asked_for(self):
        self.write(".foz/runs/bold-tide-0000/plan.json", "{")
        plain, as_json = self.foz("list"), self.foz("list", "--json")
        self.assertIn("bold-tide-0000        damaged: it cannot be read: ", plain.out)
        listed = json.loads(as_json.out)
        self.assertEqual((listed["run"], listed["state"], len(listed["remarks"])), ("bold-tide-0000", "unreadable", 1))

    def test_cancelling_a_stage_takes_what_waited_for_it(self):
        self.workflow("  first: {matrix: {n: 1..4}, run: [sleep, '600']}\n"
                      "  second: {needs: {first: each}, run: 'true'}\n"
                      "  other: {run: 'true'}\n")
        self.assertEqual(self.foz("run", "flow.yaml").code, 0)
        done = self.foz("cancel", "--stage", "first")
        self.assertEqual(done.code, 0, done.text)
        until(lambda: not self.queue(), "an empty queue")
        self.assertEqual(self.stage("second")["counts"], {"dependency_failed": 4})
        again = self.foz("cancel")
        self.assertRegex(again.out, r"^\S+: was over already \(failed\), no job of it is left\n$")


if __name__ == "__main__":
    unittest.main()
