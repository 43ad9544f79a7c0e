"""An installation is one folder that works wherever it is copied, and needs nothing of the folder it was built in.

The build folder of FOZ_BIN is installed, the installation is moved to a path with a space, and used there with an empty environment.
"""
import json
import os
import re
import shutil
import sys
import tempfile
import unittest

from foztest import FOZ, run

BUILD = os.path.dirname(os.path.dirname(FOZ))
ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
PROGRAMS = ("foz", "foz-agent")

WORKFLOW = """foz: 1
name: moved
stages:
  features:
    uses: spark
    with: {script: features.py}
    resources: {nodes: 2, cpus_per_node: 4, memory_per_node: 5GiB}
  train:
    uses: tensorflow
    needs: features
    matrix: {seed: 1..3}
    with: {script: train.py}
    resources: {nodes: 2}
"""


def cache_entry(name):
    with open(os.path.join(BUILD, "CMakeCache.txt"), encoding="utf-8") as file:
        found = re.search(rf"^{name}:\w+=(.*)$", file.read(), re.MULTILINE)
    return found[1] if found else ""


def in_empty_root(folder, *argv):
    """The command to run a program with `folder` as its root; None where that is not allowed here."""
    for become in ([], ["unshare", "--user", "--map-root-user"]):
        chroot = shutil.which("chroot", path=os.environ["PATH"] + ":/usr/sbin:/sbin")
        if chroot and (not become or shutil.which("unshare")):
            probe = run([*become, chroot, "/", "true"])
            if probe.code == 0:
                return [*become, chroot, folder, *argv]
    return None


class Installation(unittest.TestCase):
    """An installation that has been moved, one for each class."""
    maxDiff = None

    @classmethod
    def setUpClass(cls):
        cls.top = tempfile.mkdtemp(prefix="foz-install-")
        cls.addClassCleanup(shutil.rmtree, cls.top)
        first = os.path.join(cls.top, "first")
        done = run(["cmake", "--install", BUILD, "--strip", "--prefix", first])
        if done.code != 0:
            raise AssertionError("cmake --install: " + done.text)
        os.mkdir(os.path.join(cls.top, "another place"))
        cls.folder = os.path.join(cls.top, "another place", "foz")
        os.rename(first, cls.folder)

    def foz(self, *args, code=0):
        """With nothing in the environment, from a folder that has nothing to do with it."""
        done = run([self.path("bin", "foz"), *args], env={}, cwd="/")
        self.assertEqual(done.code, code, done.text)
        return done.out

    def path(self, *parts):
        return os.path.join(self.folder, *parts)

    def files(self):
        return [os.path.join(folder, name) for folder, folders, names in os.walk(self.folder) for name in folders + names]


class Moved(Installation):
    def workflow(self):
        path = os.path.join(self.top, "flow.yaml")
        with open(path, "w", encoding="utf-8") as file:
            file.write(WORKFLOW)
        return path

    def test_says_its_version(self):
        self.assertEqual(self.foz("--version"), f"foz {cache_entry('CMAKE_PROJECT_VERSION')}\n")

    def test_validates(self):
        path = self.workflow()
        self.assertEqual(self.foz("validate", path), f"{path}: 2 stages, 4 tasks, no errors\n")

    def test_plans_without_a_cluster(self):
        plan = self.foz("plan", "--offline", self.workflow())
        self.assertEqual(plan.split("\n")[0], "moved: 2 stages, 4 tasks")

    def test_finds_its_plugins(self):
        listed = self.foz("plugin", "list")
        self.assertEqual([line.split()[0] for line in listed.splitlines()], ["spark", "tensorflow"])
        for name in ("spark", "tensorflow"):
            self.assertIn(self.path("share", "foz", "plugins", name), self.foz("plugin", "show", name))

    def test_tries_its_plugins(self):
        self.assertIn("2 nodes, 4 processes, a world of 2", self.foz("plugin", "try", "spark", "--nodes", "2", "--with", "script=x.py"))
        tried = json.loads(self.foz("plugin", "try", "tensorflow", "--nodes", "2", "--with", "script=x.py", "--json"))
        self.assertIn(self.path("share", "foz", "plugins", "tensorflow", "foz_tf.py"), json.dumps(tried))

    def test_finds_its_site_templates(self):
        self.foz("--site", "sandbox", "plan", "--offline", self.workflow())

    def test_brings_the_schema_for_editors(self):
        with open(self.path("share", "foz", "schema", "workflow.schema.json"), encoding="utf-8") as file:
            self.assertIn("stages", json.load(file)["properties"])

    def test_every_link_of_its_manual_leads_to_a_file_of_it(self):
        pages = [path for path in self.files() if path.endswith(".md")]
        self.assertIn(self.path("share", "doc", "foz", "README.md"), pages)
        for page in pages:
            with open(page, encoding="utf-8") as file:
                links = re.findall(r"\]\(([^)#\s]+)", file.read())
            for link in links:
                if "://" not in link:
                    self.assertTrue(os.path.exists(os.path.join(os.path.dirname(page), link)), f"{page} links to {link}")

    def test_nothing_in_it_leads_to_the_source_or_build_folder(self):
        for path in self.files():
            if os.path.islink(path):
                self.fail(f"{path} is a link to {os.readlink(path)}")
            if os.path.isfile(path):
                with open(path, "rb") as file:
                    content = file.read()
                for folder in {ROOT, BUILD}:
                    self.assertFalse(os.fsencode(folder) + b"/" in content, f"{path} speaks of {folder}")

    def test_only_programs_are_executable(self):
        odd = [path for path in self.files() if os.path.isfile(path) and os.access(path, os.X_OK) and os.path.dirname(path) != self.path("bin")
               and not open(path, "rb").read(2) == b"#!"]
        self.assertEqual(odd, [])

    def test_a_sandbox_runs_a_task_from_it(self):
        """Also an installation that is moved keeps its agent with it."""
        env = {"PATH": os.environ["PATH"], "FOZ_SANDBOX_HOME": self.top + "-s", "HOME": self.top}
        foz = self.path("bin", "foz")
        up = run([foz, "sandbox", "up", "--nodes", "1", "--json"], env=env)
        if up.code != 0:
            self.fail(up.text)
        self.addCleanup(run, [foz, "sandbox", "down"], env=env)
        env.update(json.loads(up.out)["environment"]["set"])
        path = os.path.join(self.top, "hello.yaml")
        with open(path, "w", encoding="utf-8") as file:
            file.write("foz: 1\nname: hello\nstages:\n  greet: {run: echo hello}\n")
        done = run([foz, "run", path, "--wait"], env=env, cwd=self.top)
        self.assertEqual(done.code, 0, done.text)


class Static(Installation):
    """Both programs need nothing but the kernel."""

    @classmethod
    def setUpClass(cls):
        if cache_entry("FOZ_STATIC") != "ON":
            raise unittest.SkipTest(f"the build in {BUILD} is not static (FOZ_STATIC is {cache_entry('FOZ_STATIC')})")
        super().setUpClass()

    def test_no_program_asks_for_a_loader_or_a_library(self):
        for program in PROGRAMS:
            headers = run(["readelf", "--wide", "--program-headers", "--dynamic", self.path("bin", program)])
            self.assertEqual(headers.code, 0, headers.text)
            self.assertNotIn("INTERP", headers.out, program)
            self.assertNotIn("(NEEDED)", headers.out, program)

    def test_the_agent_starts_in_an_empty_root_folder(self):
        root = os.path.join(self.top, "root")
        os.mkdir(root)
        shutil.copy(self.path("bin", "foz-agent"), root)
        command = in_empty_root(root, "/foz-agent")
        if command is None:
            self.skipTest("neither chroot nor unshare --user is allowed here")
        version = run([*command, "--version"])
        self.assertEqual((version.code, version.out), (0, f"foz-agent {cache_entry('CMAKE_PROJECT_VERSION')}\n"), version.text)
        keep = run([*command, "keep", "--run", "/run", "--stage", "train"])
        self.assertEqual((keep.code, keep.err), (3, "foz-agent: cannot open '/run/stages/train.json': No such file or directory\n"), keep.text)
        self.assertEqual(os.listdir(root), ["foz-agent"])


if __name__ == "__main__":
    sys.exit(unittest.main())
