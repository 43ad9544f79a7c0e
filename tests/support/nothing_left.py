"""The last test of `tests/run`: the tests before it left no process (and with that no port) and no file.

tests/run gives all tests one folder, $FOZ_TEST_ROOM, with their TMPDIR and their sandboxes in it. Whatever a test starts carries that path in its
environment, its arguments or its working folder, so that other people's processes are never taken for ours. Java keeps its own idea of /tmp,
and tests with many durable records write in memory: what they would leave there is looked for by name. Exit status: 0, 1 where something is left, 77 where the tests were not begun by tests/run.
"""
import os
import re
import sys
import time

SKIPPED = 77
SECONDS_TO_END = 10  # a process that was told to end may need a moment
OF_SPARK = re.compile(r"^(spark-|blockmgr-|pyspark-|artifacts-)")
MEMORY = "/dev/shm"  # the names of tests' folders begin with the room's


def read(path):
    try:
        with open(path, "rb") as file:
            return file.read()
    except OSError:
        return b""


def parent_of(pid):
    fields = read(f"/proc/{pid}/stat").rpartition(b")")[2].split()
    return int(fields[1]) if len(fields) > 1 else 0


def ancestors():
    pid, found = os.getpid(), set()
    while pid > 0:
        found.add(pid)
        pid = parent_of(pid)
    return found


def cwd_of(pid):
    try:
        return os.readlink(f"/proc/{pid}/cwd").encode()
    except OSError:
        return b""


def processes_of(room):
    """[(pid, command line)] of living processes that name the room."""
    ours, found = ancestors(), []
    for pid in (int(name) for name in os.listdir("/proc") if name.isdigit()):
        command = read(f"/proc/{pid}/cmdline")
        if pid not in ours and room.encode() in read(f"/proc/{pid}/environ") + command + cwd_of(pid):
            found.append((pid, command.replace(b"\0", b" ").decode(errors="replace").strip()))
    return found


def is_ours(path, since):
    try:
        status = os.stat(path, follow_symlinks=False)
    except OSError:  # gone meanwhile
        return False
    return status.st_uid == os.getuid() and status.st_mtime >= since


def files_of(room):
    """Whatever lies in the room's folders, what Spark left in /tmp since the room was made, and what lies in memory."""
    inside = [os.path.join(room, folder, name) for folder in os.listdir(room) for name in os.listdir(os.path.join(room, folder))]
    since = os.stat(room).st_mtime  # its two folders were made at once, and nothing is written beside them
    inside += [entry.path for entry in os.scandir("/tmp") if OF_SPARK.match(entry.name) and is_ours(entry.path, since)]
    return inside + [os.path.join(MEMORY, name) for name in os.listdir(MEMORY) if name.startswith(os.path.basename(room) + "-")]


def left_processes(room):
    end = time.monotonic() + SECONDS_TO_END
    while (found := processes_of(room)) and time.monotonic() < end:
        time.sleep(0.1)
    return found


def main():
    room = os.environ.get("FOZ_TEST_ROOM", "")
    if not room:
        print("SKIPPED: only tests/run gives the tests a folder of their own")
        return SKIPPED
    left = [f"process {pid}: {command}" for pid, command in left_processes(room)] + [f"file {path}" for path in files_of(room)]
    for line in left:
        print("left behind:", line)
    if left:
        print("(a test that failed keeps its folder)")
    return 1 if left else 0


if __name__ == "__main__":
    sys.exit(main())
