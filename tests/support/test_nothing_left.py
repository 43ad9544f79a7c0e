"""nothing_left.py itself: it sees a process and a file, and nothing where nothing is."""
import os
import signal
import subprocess
import sys
import tempfile
import unittest

PROGRAM = os.path.join(os.path.dirname(os.path.abspath(__file__)), "nothing_left.py")


class NothingLeft(unittest.TestCase):
    def setUp(self):
        self.room = tempfile.mkdtemp(prefix="room-")
        self.folder = os.path.join(self.room, "t")
        os.mkdir(self.folder)
        self.addCleanup(subprocess.run, ["rm", "-rf", self.room], check=True)

    def look(self, room):
        env = {name: value for name, value in os.environ.items() if name != "FOZ_TEST_ROOM"}
        done = subprocess.run([sys.executable, PROGRAM], env=dict(env, **({"FOZ_TEST_ROOM": room} if room else {})), capture_output=True, text=True, check=False)
        return done.returncode, done.stdout

    def test_an_empty_room_is_well(self):
        self.assertEqual(self.look(self.room), (0, ""))

    def test_a_file_is_named(self):
        path = os.path.join(self.folder, "foz-test-1")
        with open(path, "w", encoding="utf-8"):
            self.assertEqual(self.look(self.room), (1, f"left behind: file {path}\n(a test that failed keeps its folder)\n"))

    def test_a_folder_in_memory_is_named(self):
        path = tempfile.mkdtemp(prefix=os.path.basename(self.room) + "-", dir="/dev/shm")
        self.addCleanup(os.rmdir, path)
        self.assertEqual(self.look(self.room), (1, f"left behind: file {path}\n(a test that failed keeps its folder)\n"))

    def test_a_process_is_named_and_one_that_ends_is_waited_for(self):
        for command, code in (("exec sleep 60", 1), ("sleep 0.5", 0)):
            process = subprocess.Popen(["sh", "-c", command], env=dict(os.environ, FOZ_TEST_ROOM=self.room), start_new_session=True)
            try:
                found = self.look(self.room)
            finally:
                os.killpg(process.pid, signal.SIGKILL) if process.poll() is None else None
                process.wait()
            self.assertEqual(found[0], code, found)
            self.assertEqual(f"left behind: process {process.pid}: sleep 60\n" in found[1], code == 1, found)

    def test_without_a_room_it_does_not_judge(self):
        self.assertEqual(self.look(""), (77, "SKIPPED: only tests/run gives the tests a folder of their own\n"))


if __name__ == "__main__":
    unittest.main()
