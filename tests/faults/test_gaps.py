"""foz killed with SIGKILL at each of its calls to Slurm: before the call, behind it, and with the call still under way.

The commands that foz finds first on PATH stand in for the real ones: they kill the foz that started them at the call that a scenario names, and
forward the call to the real command before that, after it, or not at all. `foz advance` then has to bring the run to the end that it would have
had: every task ran once. Scenarios go side by side, each in a folder of its own with commands of its own.
"""
import os
import shutil
import signal
import sys
import unittest
from concurrent.futures import ThreadPoolExecutor

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "support"))
from foztest import FOZ, FozCase, run, until  # noqa: E402

# Only calls of foz count (the keepers of jobs use scontrol too). `kill` holds "ACTION N HOW": at the Nth ACTION from now.
STAND_IN = """#!/bin/bash
case {name} in
  scontrol) [ "$1" = release ] && action=release || exec {real} "$@" ;;
  *) action={name} ;;
esac
read -r comm < /proc/$PPID/comm
[ "$comm" = foz ] || exec {real} "$@"
echo "$action" >> '{folder}/calls'
read -r wanted nth how 2> /dev/null < '{folder}/kill' || exec {real} "$@"
[ "$action" = "$wanted" ] && [ "$(grep -cx "$action" '{folder}/calls')" = "$nth" ] || exec {real} "$@"
rm '{folder}/kill'
case $how in
  unsent) kill -KILL $PPID ;;
  under-way) kill -KILL $PPID; exec {real} "$@" ;;
  done) {real} "$@" > /dev/null; kill -KILL $PPID ;;
esac
"""
HOW = ("unsent", "under-way", "done")

WORKFLOW = """foz: 1
name: test
stages:
  a: {matrix: {n: 0..3}, run: 'echo x >> a.$FOZ_TASK_INDEX'}
  b: {needs: {a: each}, run: 'echo x >> b.$FOZ_TASK_INDEX'}
  c: {needs: b, run: 'echo x >> c'}
"""
MADE = ["a.0", "a.1", "a.2", "a.3", "b.0", "b.1", "b.2", "b.3", "c"]

LONG = """foz: 1
name: test
stages:
  a: {matrix: {n: 0..2}, run: 'sleep 600'}
  b: {needs: a, run: 'touch b'}
"""


class World:
    """A folder with a workflow, and the stand-ins that this folder's foz finds."""

    def __init__(self, folder, env, workflow):
        self.folder = folder
        tools = os.path.join(folder, ".tools")
        os.makedirs(tools)
        self.tools = tools
        for name in ("sbatch", "scontrol", "scancel"):
            path = os.path.join(tools, name)
            with open(path, "w", encoding="utf-8") as file:
                file.write(STAND_IN.format(name=name, real=shutil.which(name), folder=tools))
            os.chmod(path, 0o755)
        with open(os.path.join(folder, "flow.yaml"), "w", encoding="utf-8") as file:
            file.write(workflow)
        self.env = dict(env, PATH=tools + ":" + env["PATH"])

    def kill_at(self, action, nth, how):
        open(os.path.join(self.tools, "calls"), "w", encoding="utf-8").close()
        with open(os.path.join(self.tools, "kill"), "w", encoding="utf-8") as file:
            file.write(f"{action} {nth} {how}\n")

    def kill_no_more(self):
        if os.path.exists(os.path.join(self.tools, "kill")):
            os.unlink(os.path.join(self.tools, "kill"))

    def foz(self, *args):
        return run([FOZ, "--scheduler", "commands", *args], env=self.env, cwd=self.folder, timeout=100)

    def made(self):
        return sorted(f for f in os.listdir(self.folder) if f[0] in "abc")

    def read(self, name):
        with open(os.path.join(self.folder, name), encoding="utf-8") as file:
            return file.read()

    def run_id(self):
        return os.listdir(os.path.join(self.folder, ".foz", "runs"))[0]


class Gaps(FozCase):
    SANDBOX = ("--nodes", "4", "--cpus", "32")

    def world(self, name, workflow=WORKFLOW):
        folder = self.path(name)
        os.makedirs(folder)
        return World(folder, self.env, workflow)

    def side_by_side(self, work, scenarios):
        with ThreadPoolExecutor(4) as pool:
            for scenario, trouble in zip(scenarios, pool.map(lambda one: work(*one), scenarios)):
                with self.subTest(scenario):
                    self.assertEqual(trouble, "")

    def end_of(self, world):
        """What is wrong with the end of a run; "" when every task ran once and nothing is left."""
        done = world.foz("advance", "--wait")
        if done.code != 0:
            return done.text
        if world.made() != MADE:
            return f"made: {world.made()}"
        twice = [name for name in MADE if world.read(name) != "x\n"]
        if twice:
            return f"not once: {twice}"
        until(lambda: not self.left(world), f"the end of {world.run_id()}'s jobs")
        return ""

    def left(self, world):
        return [line for line in self.queue() if world.run_id() in line]

    def killed(self, world, *args):
        done = world.foz(*args)
        return "" if done.code == -signal.SIGKILL else "it was not killed: " + done.text

    def test_killed_at_a_call(self):
        """Three submissions and one release; each meets each end."""
        calls = [("sbatch", 1), ("sbatch", 2), ("sbatch", 3), ("release", 1)]

        def work(action, nth, how):
            world = self.world(f"{action}-{nth}-{how}")
            world.kill_at(action, nth, how)
            return self.killed(world, "run", "flow.yaml") or self.end_of(world)

        self.side_by_side(work, [(action, nth, how) for action, nth in calls for how in HOW])

    def test_every_foz_killed_at_its_first_call(self):
        """One after the other; each of them has to leave something that the next one goes on from."""

        def work(how):
            world = self.world(f"again-{how}")
            killed = 0
            for action in ("sbatch", "sbatch", "sbatch", "release"):
                world.kill_at(action, 1, how)
                done = world.foz("advance") if killed else world.foz("run", "flow.yaml")
                killed += done.code == -signal.SIGKILL
            world.kill_no_more()
            return self.end_of(world) if killed >= 2 else f"killed {killed} times"

        self.side_by_side(work, [(how,) for how in ("under-way", "done")])

    def test_killed_while_it_cancels(self):
        """A cancellation that was begun is finished by advance; nothing of the run is left."""

        def work(how):
            world = self.world(f"cancel-{how}", LONG)
            sent = world.foz("run", "flow.yaml")
            if sent.code != 0:
                return sent.text
            world.kill_at("scancel", 1, how)
            trouble = self.killed(world, "cancel", "latest")
            if trouble:
                return trouble
            world.foz("advance")
            left, status = self.left(world), world.foz("status", "latest")
            if left or "cancelled" not in status.out or world.made():
                return f"left: {left}, made: {world.made()}\n{status.text}"
            return ""

        self.side_by_side(work, [(how,) for how in HOW])


if __name__ == "__main__":
    unittest.main()
