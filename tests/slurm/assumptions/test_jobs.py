"""What foz takes for granted inside a job: the environment as bytes, lines over srun's stdio, signals that reach everybody, counts that leak."""
import json
import os
import subprocess
import threading
import unittest

from slurmbox import SlurmCase, until

ODD = b"it's \"quoted\" $(id) `id` \\ \n second line, = %s \xff\xc3\xa9\t"
DUMP = "import json, os, sys; print(json.dumps({k: v for k, v in os.environ.items()}), file=open(sys.argv[1] + '.new', 'w')); os.rename(sys.argv[1] + '.new', sys.argv[1])"


class Environment(SlurmCase):
    SANDBOX = ("--nodes", "2", "--cpus", "4")

    def dump(self, name):
        return json.loads(self.read(name))

    def dumped(self, *options, env=None, step=False, name="env"):
        """The environment of a batch script, or of its first step's only task."""
        path = self.path(name)
        command = f"{'srun --ntasks=1 --nodes=1 ' if step else ''}python3 -c \"$FOZ_TEST_DUMP\" {path}"
        self.sbatch(*options, wrap=command, env={**self.env(FOZ_TEST_DUMP=DUMP), **(env or {})})
        return self.dump(name)

    def test_odd_bytes_pass_unchanged(self):
        env = {"FOZ_TEST_ODD": os.fsdecode(ODD), "FOZ_TEST_EMPTY": ""}
        for step in (False, True):
            seen = self.dumped("--export=ALL", env=env, step=step, name=f"env{step}")
            self.assertEqual(os.fsencode(seen["FOZ_TEST_ODD"]), ODD)
            self.assertEqual(seen["FOZ_TEST_EMPTY"], "")

    def test_every_job_is_told_its_place_in_the_tree(self):
        seen = self.dumped("--nodelist=n2")
        self.assertEqual(seen["SLURM_TOPOLOGY_ADDR"], "top.s2.n2")
        self.assertEqual(seen["SLURM_TOPOLOGY_ADDR_PATTERN"], "switch.switch.node")

    def test_the_end_time_is_told_from_23_02_on(self):
        self.assertEqual("SLURM_JOB_END_TIME" in self.dumped("--time=5"), self.release >= (23, 2))

    def test_a_time_limit_is_the_next_whole_minute(self):
        for asked, kept in (("0:05", "00:01:00"), ("1:30", "00:02:00"), ("2:00", "00:02:00")):
            job = self.sbatch("--hold", f"--time={asked}", wrap="true")
            self.assertEqual(self.show(job)["TimeLimit"], kept)

    def test_a_nested_sbatch_inherits_the_outer_array(self):
        # So whatever submits from inside a job must drop SLURM_*.
        inner = self.path("inner")
        script = f"sbatch --output=/dev/null --wrap \"python3 -c \\\"\\$FOZ_TEST_DUMP\\\" {inner}\""
        self.sbatch("--array=7", wrap=script, env=self.env(FOZ_TEST_DUMP=DUMP))
        self.assertEqual(self.dump("inner").get("SLURM_ARRAY_TASK_ID"), "7")

    def test_srun_inherits_counts(self):
        # Four CPUs, but the leaked number of tasks rules (24.11: CPUs a task as well): every count is passed.
        out = self.path("out")
        script = f"srun --overlap sh -c 'echo $SLURM_NTASKS' > {out}.new; srun --overlap --ntasks=4 --cpus-per-task=1 sh -c 'echo $SLURM_NTASKS' >> {out}.new; mv {out}.new {out}"
        self.sbatch("--nodes=1", "--ntasks=2", "--cpus-per-task=2", wrap=script)
        self.assertEqual(self.read("out").split(), ["2", "2", "4", "4", "4", "4"])

    def second_step(self, first_options, second_options):
        """What a second step in a job of one CPU does while a first one runs there."""
        out = self.path("out")
        script = (f"srun {first_options} --ntasks=1 sh -c 'echo > {out}.first; until [ -e {out}.end ]; do sleep 0.1; done' &\n"
                  f"until [ -e {out}.first ]; do sleep 0.1; done\n"
                  f"srun {second_options} --ntasks=1 --immediate=20 true; echo $? > {out}.new\n"
                  f"touch {out}.end; wait; mv {out}.new {out}\n")
        self.sbatch("--ntasks=1", wrap=script)
        return self.read("out").strip()

    def test_a_step_runs_beside_another_when_both_overlap(self):
        self.assertEqual(self.second_step("--overlap", "--overlap"), "0")

    def test_a_step_beside_one_that_took_all_memory_asks_for_none(self):
        # 22.05: --overlap alone is not enough there ("Memory required by task is not available").
        self.assertEqual(self.second_step("", "--overlap --mem=0"), "0")


class ControlChannel(SlurmCase):
    """One srun whose standard input and output carry the agents' lines."""
    SANDBOX = ("--nodes", "4", "--cpus", "4")

    def step(self, program, *options):
        process = subprocess.Popen(["srun", "--nodes=4", "--ntasks=4", "--ntasks-per-node=1", "--mpi=none", *options, "python3", "-u", "-c", program],
                                   env=self.box.env, cwd=self.folder, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, bufsize=1)
        self.addCleanup(self.end, process)
        return process

    @staticmethod
    def end(process):
        process.kill()
        process.wait()
        for stream in (process.stdin, process.stdout, process.stderr):
            stream.close()

    def test_lines_under_1000_bytes_are_neither_torn_nor_lost_while_their_task_lives(self):
        """992 bytes with the line feed, from four nodes at once; 1,092 are torn. The tasks end when their input does, as the agents: of tasks that
        ended at once, srun has lost lines on a busy machine (22.05.8, once in a hundred runs), and ended with 0."""
        program = ("import os, sys\nline = ('%s:' % os.environ['SLURM_PROCID']).ljust(991, 'abcdefgh'[int(os.environ['SLURM_PROCID'])]) + '\\n'\n"
                   "for n in range(500): os.write(1, line.encode())\nsys.stdin.read()")
        for _ in range(2):  # seen once in some fifty runs: srun itself lost a node's stream ("unexpected eof"), and said so
            process = self.step(program)
            lines = []
            reader = threading.Thread(target=lambda stream=process.stdout, into=lines: into.extend(stream))
            reader.start()
            until(lambda into=lines, started=process: len(into) >= 2000 or started.poll() is not None, "all lines", 60)
            process.stdin.close()
            self.assertIsNotNone(process.wait(timeout=30))
            reader.join()
            if process.returncode == 0:
                break
            print(process.stderr.read())
        self.assertEqual(process.returncode, 0)
        expected = {f"{rank}:".ljust(991, "abcdefgh"[rank]) + "\n": 500 for rank in range(4)}
        counts = {}
        for line in lines:
            counts[line] = counts.get(line, 0) + 1
        self.assertEqual({k[:20]: v for k, v in counts.items()}, {k[:20]: v for k, v in expected.items()})
        self.assertEqual(counts, expected)

    def test_a_line_to_all_reaches_every_task_and_is_answered_at_once(self):
        process = self.step("import os, sys\nfor line in sys.stdin: print(os.environ['SLURM_PROCID'] + ' ' + line, end='', flush=True)", "--input=all")
        for number in range(20):
            process.stdin.write(f"question {number}\n")
            process.stdin.flush()
            answers = sorted(process.stdout.readline() for _ in range(4))
            self.assertEqual(answers, [f"{rank} question {number}\n" for rank in range(4)])
        process.stdin.close()
        self.assertEqual(process.wait(timeout=30), 0)

    def test_a_step_is_gone_soon_after_its_srun(self):
        # A fence for free: ranks cannot outlive the keeper for long.
        pids = self.path("pids")
        script = f"srun --nodes=4 --ntasks=4 --mpi=none sh -c 'echo $$ >> {pids}; exec sleep 600' & echo $! > {pids}.srun; wait; sleep 600"
        job = self.sbatch("--nodes=4", "--ntasks=4", wrap=script)
        ranks = until(lambda: os.path.exists(pids) and len(open(pids, encoding="utf-8").read().split()) == 4 and open(pids, encoding="utf-8").read().split(), "four ranks")
        os.kill(int(self.read("pids.srun")), 9)
        until(lambda: not any(os.path.exists(f"/proc/{pid}") for pid in ranks), "the ranks to end", 30)
        self.assertEqual(self.show(job)["JobState"], "RUNNING")
        self.succeed("scancel", job)


class Signals(SlurmCase):
    SANDBOX = ("--nodes", "2", "--cpus", "2", "--conf", "PreemptType=preempt/partition_prio", "--conf", "PreemptMode=CANCEL", "--conf", "KillWait=2",
               "--conf", "PartitionName=low Nodes=ALL PriorityTier=1 GraceTime=20", "--conf", "PartitionName=high Nodes=ALL PriorityTier=9 PreemptMode=OFF")

    LISTENER = ("import os, signal, sys, time\n"
                "def hear(number, frame):\n"
                "    with open(sys.argv[1], 'a') as file: file.write(sys.argv[2] + ' ' + signal.Signals(number).name + '\\n')\n"
                "for number in (signal.SIGTERM, signal.SIGUSR1): signal.signal(number, hear)\n"
                "if sys.argv[2] == 'agent' and os.fork() == 0:\n"
                "    os.setsid(); sys.argv[2] = 'rank'\n"
                "with open(sys.argv[1], 'a') as file: file.write(sys.argv[2] + ' ready\\n')\n"
                "end = time.monotonic() + 120\n"
                "while time.monotonic() < end: time.sleep(0.1)\n")

    def heard(self):
        try:
            with open(self.path("heard"), encoding="utf-8") as file:
                return file.read().splitlines()
        except FileNotFoundError:
            return []

    def start(self, *options):
        """A batch script that listens, a step with an agent, and the agent's rank in a session of its own."""
        heard = self.path("heard")
        program = self.path("listener.py")
        with open(program, "w", encoding="utf-8") as file:
            file.write(self.LISTENER)
        script = f"#!/bin/bash\nsrun --ntasks=1 --mpi=none python3 {program} {heard} agent &\nexec python3 {program} {heard} batch\n"
        job = self.sbatch("--nodes=1", "--ntasks=1", *options, script=script)
        until(lambda: len([line for line in self.heard() if line.endswith("ready")]) == 3, "agent, rank and script to listen")
        return job

    def wait_for(self, *lines):
        until(lambda: set(lines) <= set(self.heard()), f"{lines}", 30)

    def test_scancel_with_a_signal_reaches_the_agent_and_its_ranks(self):
        job = self.start()
        self.succeed("scancel", "--signal=TERM", job)
        self.wait_for("agent SIGTERM", "rank SIGTERM")
        self.assertNotIn("batch SIGTERM", self.heard())
        self.succeed("scancel", "--signal=USR1", "--batch", job)
        self.wait_for("batch SIGUSR1")
        self.assertNotIn("agent SIGUSR1", self.heard())
        self.succeed("scancel", job)

    def test_cancelling_reaches_everybody_at_once(self):
        job = self.start()
        self.succeed("scancel", job)
        self.wait_for("agent SIGTERM", "rank SIGTERM", "batch SIGTERM")
        self.wait_for_end(job)

    def test_at_preemption_only_steps_hear_the_notice(self):
        job = self.start("--partition=low", "--exclusive")
        other = self.sbatch("--partition=low", "--exclusive", wrap="sleep 600")
        self.wait_for_state(other, "RUNNING")
        urgent = self.sbatch("--partition=high", "--nodes=2", "--exclusive", wrap="true")
        self.wait_for("agent SIGTERM", "rank SIGTERM")
        self.wait_for_cycles()
        self.assertEqual(self.show(job)["JobState"], "RUNNING")
        self.assertNotIn("batch SIGTERM", self.heard())
        self.succeed("scancel", urgent, other, job)


class Gpus(SlurmCase):
    SANDBOX = ("--nodes", "2", "--gpus", "a100:2", "--cpus", "4")

    def seen(self, *options):
        done = self.slurm("srun", *options, "sh", "-c", "echo $SLURM_PROCID ${CUDA_VISIBLE_DEVICES-unset}")
        return sorted(done.out.splitlines()) if done.code == 0 else done.err

    def test_a_job_sees_as_many_as_it_asked_for(self):
        self.assertEqual(self.seen("--nodes=2", "--ntasks=2", "--gpus-per-node=2"), ["0 0,1", "1 0,1"])
        self.assertEqual(self.seen("--nodes=1", "--ntasks=1", "--gpus-per-node=a100:1"), ["0 0"])

    def test_a_job_that_asked_for_none_sees_none(self):
        self.assertEqual(self.seen("--ntasks=1"), ["0 unset"])

    def test_unbinding_hides_them(self):
        # --gpu-bind=none empties the variable on 22.05: foz never passes it.
        seen = self.seen("--nodes=1", "--ntasks=1", "--gpus-per-node=2", "--gpu-bind=none")
        self.assertIn(seen, (["0 "], ["0 0,1"]))


class Losses(SlurmCase):
    SANDBOX = ("--nodes", "4", "--cpus", "2")

    def test_ranks_live_on_when_their_nodes_daemon_is_killed(self):
        pid = self.path("pid")
        job = self.sbatch("--nodelist=n4", "--ntasks=1", wrap=f"srun --ntasks=1 sh -c 'echo $$ > {pid}; exec sleep 600'")
        rank = int(self.read("pid"))
        os.kill(self.box.pid_of("slurmd n4"), 9)
        self.wait_for_cycles()
        self.assertTrue(os.path.exists(f"/proc/{rank}"))
        self.assertEqual(self.show(job)["JobState"], "RUNNING")

    def test_a_job_goes_on_without_a_lost_node(self):
        out = self.path("out")
        script = (f"srun --no-kill --kill-on-bad-exit=0 --wait=0 --nodes=3 --ntasks=3 --mpi=none sh -c 'echo $SLURMD_NODENAME >> {out}.started; "
                  f"until [ -e {out}.go ]; do sleep 0.1; done'; echo srun $? > {out}\n")
        job = self.sbatch("--no-kill", "--nodelist=n1,n2,n3", "--nodes=3", "--ntasks=3", wrap=script)
        until(lambda: os.path.exists(f"{out}.started") and len(open(f"{out}.started", encoding="utf-8").read().split()) == 3, "three tasks")
        self.succeed("scontrol", "update", "NodeName=n3", "State=DOWN", "Reason=test")
        until(lambda: self.show(job).get("NumNodes") == "2", "the node to leave the job", 30)
        with open(f"{out}.go", "w", encoding="utf-8"):
            pass
        # What srun returns differs with the way the node was lost (0 and 137 were seen): it proves nothing.
        self.assertRegex(self.read("out", 60), r"\Asrun \d+\n\Z")
        self.assertEqual(self.wait_for_end(job), {job: "COMPLETED"})


if __name__ == "__main__":
    unittest.main()
