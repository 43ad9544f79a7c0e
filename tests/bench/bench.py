"""Benchmarks of the whole program on a private Slurm. Each measures foz and the thing to beat in turns, in one run, and prints the ratio of the medians
(where a measurement takes long: the median of the pairs' ratios).

    tests/bench/run              all of them
    tests/bench/run plan submit  some of them
"""
import datetime
import json
import os
import re
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))
from foztest import FOZ, Sandbox, run, until  # noqa: E402

ROWS = []


def row(what, figure, bar):
    ROWS.append((what, figure, bar))
    print(f"{what:<58} {figure:<44} bar: {bar}", flush=True)


def timed(action):
    begun = time.monotonic()
    action()
    return time.monotonic() - begun


def check(done):
    if done.code != 0:
        raise SystemExit(done.text)
    return done


class Place:
    """A folder with one workflow."""

    def __init__(self, text):
        self.folder = tempfile.mkdtemp(prefix="foz-bench-")
        with open(os.path.join(self.folder, "flow.yaml"), "w", encoding="utf-8") as file:
            file.write(text)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        shutil.rmtree(self.folder, ignore_errors=True)


def measured(argv, **kwargs):
    """Wall seconds and peak resident MiB of one child."""
    before = time.monotonic()
    process = subprocess.Popen(argv, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, **kwargs)
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    error = process.stderr.read().decode()
    process.stderr.close()
    if process.returncode != 0:
        raise SystemExit(error)
    return time.monotonic() - before, usage.ru_maxrss / 1024


def bench_plan():
    """1,000,000 tasks in two axes, scripts included, for a cluster with MaxArraySize 1001."""
    text = "foz: 1\nname: big\nstages:\n  s:\n    matrix: {a: 1..1000, b: 1..1000}\n    run: [echo, '${{ matrix.a }}', '${{ matrix.b }}']\n"
    with Place(text) as place:
        runs = [measured([FOZ, "--site", "generic", "plan", "flow.yaml", "--offline", "--scripts", "scripts", "--json"], cwd=place.folder)
                for _ in range(5)]
        row("plan of 1,000,000 tasks, scripts included",
            f"{statistics.median(r[0] for r in runs):.3f} s, {max(r[1] for r in runs):.0f} MiB", "1.5 s and 100 MB")


def bench_start():
    flights = os.path.join(os.path.dirname(FOZ), "..", "..", "..", "examples", "flights", "flights.yaml")
    version = [timed(lambda: check(run([FOZ, "--version"]))) for _ in range(20)]
    bare = [timed(lambda: check(run(["/bin/true"]))) for _ in range(20)]
    row("foz --version", f"{1000 * statistics.median(version):.1f} ms (/bin/true {1000 * statistics.median(bare):.1f} ms)", "20 ms")
    if os.path.exists(flights):
        validate = [timed(lambda: check(run([FOZ, "validate", flights]))) for _ in range(20)]
        row("foz validate of the flights workflow", f"{1000 * statistics.median(validate):.1f} ms", "50 ms")


def rpcs(box, name):
    text = run(["sdiag"], env=box.env).out
    found = re.search(rf"{name}\s.*?count:(\d+)", text)
    return int(found[1]) if found else 0


def all_rpcs(box):
    return sum(int(n) for n in re.findall(r"count:(\d+)", run(["sdiag"], env=box.env).out.split("by user")[0]))


def cancel_all(box):
    run(["scancel", "--user", str(os.getuid())], env=box.env)
    until(lambda: not run(["squeue", "-h"], env=box.env).out.strip(), "an empty queue", 120)


def bench_submit():
    """A 10,000-element sweep of held-back tasks: command to "released", beside one raw sbatch --array --hold and scontrol release."""
    text = "foz: 1\nname: sweep\nstages:\n  s:\n    matrix: {a: 1..100, b: 1..100}\n    run: [sleep, '600']\n    slurm: {begin: now+10hours}\n"
    with Sandbox("--nodes", "1", "--cpus", "1", "--conf", "MaxJobCount=100000") as box, Place(text) as place:
        env = box.env

        def raw():
            done = check(run(["sbatch", "--parsable", "--hold", "--begin=now+10hours", "--array=0-9999", "--wrap", "sleep 600"], env=env,
                             cwd=place.folder))
            check(run(["scontrol", "release", done.out.strip()], env=env))

        for backend in ("libslurm", "commands"):
            ours, theirs = [], []
            for _ in range(5):
                theirs.append(timed(raw))
                cancel_all(box)
                before = rpcs(box, "REQUEST_SUBMIT_BATCH_JOB"), rpcs(box, "REQUEST_UPDATE_JOB")
                ours.append(timed(lambda b=backend: check(run([FOZ, "--scheduler", b, "run", "flow.yaml"], env=env, cwd=place.folder))))
                after = rpcs(box, "REQUEST_SUBMIT_BATCH_JOB"), rpcs(box, "REQUEST_UPDATE_JOB")
                cancel_all(box)
            ratio = statistics.median(ours) / statistics.median(theirs)
            row(f"submit of a 10,000-task sweep ({backend})",
                f"{ratio:.2f} x raw ({1000 * statistics.median(ours):.0f} / {1000 * statistics.median(theirs):.0f} ms), "
                f"{after[0] - before[0]} submit + {after[1] - before[1]} release RPC", "1.5 x helper, 2 x commands, 1 + 1")


def bench_tasks():
    """1,000 tasks of `true`: command to "all done" said, beside the raw array's own completion; and status of that run.

    The raw array runs the same program and keeps its output, as a user's does. Its tasks each touch a file then: its completion is the
    newest file's time, and not what `sbatch --wait`, which looks at growing intervals, says much later. The ratio is the median of
    the pairs', as a machine's speed drifts over the minutes that this takes.
    """
    text = "foz: 1\nname: many\nstages:\n  s: {matrix: {a: 1..1000}, run: ['true']}\n"
    with Sandbox("--nodes", "4", "--cpus", "8") as box, Place(text) as place:
        env = box.env
        ours, theirs, calls = [], [], []

        def raw():
            ends = os.path.join(place.folder, "ends")
            for folder in (ends, os.path.join(place.folder, "outs")):
                shutil.rmtree(folder, ignore_errors=True)
                os.mkdir(folder)
            begun = time.time()
            check(run(["sbatch", "--wait", "--parsable", "--array=0-999", "--output=outs/%A_%a.out", "--wrap",
                       "/bin/true; : > ends/$SLURM_ARRAY_TASK_ID"], env=env, cwd=place.folder, timeout=600))
            return max(entry.stat().st_mtime for entry in os.scandir(ends)) - begun

        def foz():
            return timed(lambda: check(run([FOZ, "run", "flow.yaml", "--wait"], env=env, cwd=place.folder, timeout=600)))

        def counted(measure, times):
            before = all_rpcs(box)
            times.append(measure())
            return (all_rpcs(box) - before) / 1000

        for turn in range(6):  # each is the first of a pair in turn
            if turn % 2:
                calls.append((counted(foz, ours), counted(raw, theirs)))
            else:
                calls.append(tuple(reversed([counted(raw, theirs), counted(foz, ours)])))
        ratio = statistics.median(a / b for a, b in zip(ours, theirs))
        row("1,000 tasks of true, command to 'all done'",
            f"{ratio:.3f} x raw ({statistics.median(ours):.1f} / {statistics.median(theirs):.1f} s), RPCs a task "
            f"{statistics.median(c[0] for c in calls):.2f} (raw {statistics.median(c[1] for c in calls):.2f})", "1.15 x, raw + 1")
        status, squeue = [], []
        for _ in range(15):
            squeue.append(timed(lambda: check(run(["squeue", "-r", "-h", "-t", "all"], env=env))))
            status.append(timed(lambda: check(run([FOZ, "status"], env=env, cwd=place.folder))))
        row("foz status of that run (over)", f"{statistics.median(status) / statistics.median(squeue):.2f} x squeue -r "
            f"({1000 * statistics.median(status):.1f} / {1000 * statistics.median(squeue):.1f} ms)", "1.5 x, one RPC")
    bench_status_waiting()


def bench_status_waiting():
    text = "foz: 1\nname: many\nstages:\n  s: {matrix: {a: 1..1000}, run: [sleep, '600']}\n"
    with Sandbox("--nodes", "4", "--cpus", "4") as box, Place(text) as place:
        env = box.env
        check(run([FOZ, "run", "flow.yaml"], env=env, cwd=place.folder))
        until(lambda: "running" in run([FOZ, "status"], env=env, cwd=place.folder).out, "running tasks")
        status, squeue, before = [], [], 0
        for _ in range(15):
            squeue.append(timed(lambda: check(run(["squeue", "-r", "-h"], env=env))))
            before = rpcs(box, "REQUEST_JOB_USER_INFO") + rpcs(box, "REQUEST_JOB_INFO")
            status.append(timed(lambda: check(run([FOZ, "status"], env=env, cwd=place.folder))))
            calls = rpcs(box, "REQUEST_JOB_USER_INFO") + rpcs(box, "REQUEST_JOB_INFO") - before
        row("foz status of 1,000 tasks, 16 of them running", f"{statistics.median(status) / statistics.median(squeue):.2f} x squeue -r "
            f"({1000 * statistics.median(status):.1f} / {1000 * statistics.median(squeue):.1f} ms), {calls} RPC", "1.5 x, one RPC")
        cancel_all(box)


def allocated(box, job):
    """When Slurm gave the job its nodes, by the controller's log. How long that takes after a release is a matter of the controller's phase."""
    with open(os.path.join(box.facts["folder"], "log", "slurmctld.log"), encoding="utf-8") as log:
        stamp = re.search(rf"\[(\S+)\] .*(?:Allocate|Started) JobId={job} ", log.read())[1]
    return datetime.datetime.fromisoformat(stamp).timestamp()


def bench_ranks():
    """16 ranks on 4 nodes: from the job's start to every rank's main running, beside a batch script of one bare srun."""
    rank = "import time,sys; open(sys.argv[1] + '/' + sys.argv[2], 'w').write(repr(time.time()))"
    text = ("foz: 1\nname: ranks\nstages:\n  s:\n    run: [python3, -S, -c, \"" + rank.replace('"', '\\"') + "\", ours, '${{ rank }}']\n"
            "    resources: {nodes: 4, ranks_per_node: 4, cpus_per_rank: 1}\n")
    raw = ("#!/bin/bash\nexec srun --mpi=none -n16 --ntasks-per-node=4 bash -c 'exec python3 -S -c \"$0\" raw $SLURM_PROCID' '" +
           rank.replace("'", "'\\''") + "'\n")
    with Sandbox("--nodes", "4", "--cpus", "4", "--conf", "SlurmctldDebug=info") as box, Place(text) as place:
        with open(os.path.join(place.folder, "raw.sh"), "w", encoding="utf-8") as file:
            file.write(raw)

        def last_main(name, submit):
            shutil.rmtree(os.path.join(place.folder, name), ignore_errors=True)
            os.mkdir(os.path.join(place.folder, name))
            job = submit()
            times = [float(open(entry.path, encoding="utf-8").read()) for entry in os.scandir(os.path.join(place.folder, name))]
            assert len(times) == 16
            return max(times) - allocated(box, job)

        def bare():
            done = check(run(["sbatch", "--wait", "--parsable", "-N4", "-n16", "--ntasks-per-node=4", "--output=/dev/null", "raw.sh"],
                             env=box.env, cwd=place.folder))
            return done.out.strip()

        def foz():
            check(run([FOZ, "run", "flow.yaml", "--wait"], env=box.env, cwd=place.folder))
            shown = json.loads(check(run([FOZ, "status", "--json"], env=box.env, cwd=place.folder)).out)
            with open(os.path.join(place.folder, ".foz/runs", shown["run"], "jobs.json"), encoding="utf-8") as jobs:
                return json.load(jobs)["parts"][0]["job"]

        pairs = [(last_main("raw", bare), last_main("ours", foz)) for _ in range(7)]
        theirs, ours = (1000 * statistics.median(times) for times in zip(*pairs))
        row("16 ranks on 4 nodes, job start to all mains running", f"{ours:.0f} ms, bare srun {theirs:.0f} ms", f"{1.1 * theirs + 100:.0f} ms")


def bench_memory():
    text = "foz: 1\nname: memory\nstages:\n  s: {run: [sleep, '30'], resources: {nodes: 1, ranks_per_node: 8}}\n"
    with Sandbox("--nodes", "1", "--cpus", "8") as box, Place(text) as place:
        check(run([FOZ, "run", "flow.yaml"], env=box.env, cwd=place.folder))

        def agents():
            found = []
            for pid in filter(str.isdigit, os.listdir("/proc")):
                try:
                    name = open(f"/proc/{pid}/comm", encoding="utf-8").read().strip()
                    environ = open(f"/proc/{pid}/environ", "rb").read()
                except OSError:
                    continue
                if name in ("foz-agent", "foz-witness") and box.facts["folder"].encode() in environ:
                    found.append(pid)
            return found

        def sleeping():
            return any(len(run(["pgrep", "-P", agent]).out.split()) > 8 for agent in agents())  # the witness is one more
        until(sleeping, "8 ranks")
        resident = [int(re.search(r"VmRSS:\s+(\d+)", open(f"/proc/{p}/status", encoding="utf-8").read())[1]) for p in agents()]
        row("agent resident with 8 ranks", f"{sum(resident) / 1024:.1f} MiB in {len(resident)} process(es)", "10 MB")
        cancel_all(box)


BENCHES = {"plan": bench_plan, "start": bench_start, "submit": bench_submit, "tasks": bench_tasks, "ranks": bench_ranks, "memory": bench_memory}


def main():
    wanted = sys.argv[1:] or list(BENCHES)
    print(f"{os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}")
    for name in wanted:
        BENCHES[name]()


if __name__ == "__main__":
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    main()
