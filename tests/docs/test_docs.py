"""Every command of README.md and docs/ is run as it stands there, in a fresh folder for each page and on a private Slurm of its own.

A command must end with 0, unless the next one is `echo $?`, which shows what it ended with. Where a page shows output, it is compared;
run ids, times, folders and host names may differ, and so may the lines that follow a run, since they depend on when one looks.

    test_docs.py --bless [PAGE...]     writes what the commands really print into the pages, where they show output that is not so any more
"""
import difflib
import os
import re
import shutil
import subprocess
import sys
import tempfile
import unittest

import pages
from foztest import FOZ, run

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))

# (page, command): why it is not run here. The page marks the block with "not run".
NOT_RUN = {
    ("README.md", "git clone <this repository> foz && cd foz"): "the repository is here already",
    ("README.md", "bash examples/flights/run"): "installs packages and takes minutes; the tier examples runs what it runs",
    ("README.md", "bash tests/run"): "is what runs this test",
    ("README.md", "cmake --preset release && cmake --build --preset release"): "builds foz anew",
    ("README.md", "cmake --install build/release --prefix ~/foz"): "tests/packaging/test_install.py installs and moves",
    ("README.md", "export PATH=~/foz/bin:$PATH"): "goes with the installation above",
    ("docs/tutorial.md", "packaging/install-deps build sandbox"): "installs packages",
    ("docs/tutorial.md", "cmake --preset release && cmake --build --preset release"): "builds foz anew",
    ("docs/tutorial.md", "export PATH=$PWD/build/release/bin:$PATH"): "the foz under test is on PATH already",
    ("docs/tutorial.md", "bash examples/flights/run"): "installs packages and takes minutes; the tier examples runs what it runs",
}

# Files of one page that another one speaks of: page -> page they are taken from.
BORROWED = {"README.md": "docs/tutorial.md"}

# Scripts that a page's workflows name and that are the reader's own: empty here, and never run.
READERS_OWN = {"README.md": ["features.py", "train.py"], "docs/how-to/site.md": ["train.py"]}

END = "end-of-command"


def page_names():
    found = ["README.md"]
    for folder, _, names in os.walk(os.path.join(ROOT, "docs")):
        found += [os.path.relpath(os.path.join(folder, name), ROOT) for name in names if name.endswith(".md")]
    return sorted(found)


def read(name):
    with open(os.path.join(ROOT, name), encoding="utf-8") as file:
        return file.read()


def normal(text):
    """What may differ from run to run, taken out."""
    for pattern, instead in (
            (r"\x1b\[[0-9;]*m", ""),
            (r"(/tmp|/run)/[\w./-]*sandbox[\w./-]*", "SANDBOX"),
            (r"(/[\w.@+~-]+)+/\.foz/", "FOLDER/.foz/"),
            (r"\b[a-z]+-[a-z]+-[0-9a-f]{4}\b *", "RUN "),
            (r"\b\d{4}-\d\d-\d\d (?=\d\d:)", "DATE "),
            (r"\b\d\d:\d\d:\d\d\b", "TIME"),
            (r"\b\d+:\d\d min\b", "DURATION"),
            (r"\b\d+(\.\d+)? ?(s|ms|min)\b", "DURATION"),
            (r"Slurm \d+\.\d+\.\d+", "Slurm RELEASE"),
            (r"foz \d+\.\d+\.\d+", "foz VERSION"),
            (r"\bon n\d+\b", "on NODE"),
            (r"hello from \S+", "hello from HOST"),
            (r"\b(waiting|queued|running)\b", "UNDER-WAY"),
            (r"  \((Dependency|None|Priority|Resources)\)", ""),
            (r"\b\d+ processes ended", "processes ended"),
            (r" +$", "")):
        text = re.sub(pattern, instead, text, flags=re.MULTILINE)
    return text


def lines_of(text):
    """Compared lines: those that follow a run are left out."""
    return [line for line in normal(text).strip("\n").split("\n") if not line.startswith("  TIME  ")]


def agrees(shown, printed):
    """Whether the lines shown are those printed; "..." stands for any number of them."""
    pattern = "\n".join(".*" if line == "..." else re.escape(line) for line in shown)
    pattern = pattern.replace(".*\n", "(.*\n)?").replace("\n.*", "(\n.*)?")
    return re.fullmatch(pattern, "\n".join(printed), re.DOTALL) is not None


class Shell:
    """One bash for a page: what a command sets, the next one sees."""

    def __init__(self, env, folder):
        self.process = subprocess.Popen(["bash", "--norc", "--noprofile"], env=env, cwd=folder, stdin=subprocess.PIPE,
                                        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, errors="replace")
        self.status = 0

    def run(self, command):
        self.process.stdin.write(f"(exit {self.status})\n{command}\nprintf '%s %d\\n' '{END}' $?\n")
        self.process.stdin.flush()
        printed = ""
        for line in self.process.stdout:
            before, mark, status = line.partition(END)
            printed += before
            if mark:
                self.status = int(status)
                return self.status, printed
        raise AssertionError(f"the shell ended in: {command}\n{printed}")

    def close(self):
        self.process.stdin.close()
        self.process.stdout.read()
        self.process.stdout.close()
        self.process.wait()


class Page:
    """A fresh folder and a sandbox's home for one page."""

    def __init__(self, name):
        self.name = name
        self.steps = pages.steps(read(name))
        self.folder = tempfile.mkdtemp(prefix="foz-docs-")
        self.home = self.folder + "-sandbox"     # made and removed by foz
        foreign = ("SLURM", "SBATCH", "SQUEUE", "SACCT", "FOZ_", "XDG_")
        self.env = {k: v for k, v in os.environ.items() if not k.startswith(foreign)}
        self.env.update(HOME=self.folder, FOZ_SANDBOX_HOME=self.home, NO_COLOR="1", PATH=os.path.dirname(FOZ) + ":" + self.env["PATH"])
        self.shell = None

    def __enter__(self):
        self.shell = Shell(self.env, self.folder)
        for borrowed in pages.steps(read(BORROWED[self.name])) if self.name in BORROWED else []:
            if isinstance(borrowed, pages.File):
                self.write(borrowed)
        for name in READERS_OWN.get(self.name, []):
            with open(os.path.join(self.folder, name), "w", encoding="utf-8"):
                pass
        if not any("sandbox up" in command.text for command in self.commands()):
            self.must("foz sandbox up && eval \"$(foz sandbox env)\"")
        return self

    def __exit__(self, *_):
        self.shell.close()
        for name in os.listdir(self.home) if os.path.isdir(self.home) else []:
            if os.path.isdir(os.path.join(self.home, name)):
                run([FOZ, "sandbox", "down", "--name", name], env=self.env)
        shutil.rmtree(self.folder, ignore_errors=True)

    def commands(self):
        return [step for step in self.steps if isinstance(step, pages.Command) and step.runs]

    def must(self, command):
        status, printed = self.shell.run(command)
        if status != 0:
            raise AssertionError(f"{command}: exit {status}\n{printed}")

    def write(self, file):
        path = os.path.join(self.folder, file.name)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "w", encoding="utf-8") as out:
            out.write(file.text)
        os.chmod(path, 0o755 if file.text.startswith("#!") else 0o644)

    def played(self):
        """(command, exit status, what it printed, the command after it), one after another."""
        for step, after in zip(self.steps, self.steps[1:] + [None]):
            if isinstance(step, pages.File):
                self.write(step)
            elif step.runs:
                yield (step, *self.shell.run(step.text), after)


class Docs(unittest.TestCase):
    maxDiff = None

    def test_every_block_that_is_not_run_is_listed_with_its_reason(self):
        marked = {(name, re.sub(r"\s+#.*", "", step.text)) for name in page_names() for step in pages.steps(read(name))
                  if isinstance(step, pages.Command) and not step.runs}
        self.assertEqual(marked, set(NOT_RUN))

    def test_local_links_lead_somewhere(self):
        for name in page_names() + ["CONTRIBUTING.md", "ARCHITECTURE.md", "CHANGELOG.md"]:
            for target in re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", read(name)):
                self.assertTrue(os.path.exists(os.path.join(ROOT, os.path.dirname(name), target)), f"{name}: no {target}")


def check(self, name):
    with Page(name) as page:
        for command, status, printed, after in page.played():
            where = f"{name}:{command.line}: $ {command.text}"
            if not (isinstance(after, pages.Command) and after.text == "echo $?"):
                self.assertEqual(status, 0, f"{where}\nended with {status} and printed\n{printed}")
            shown, really = lines_of("\n".join(command.shown)), lines_of(printed)
            if command.shown and not agrees(shown, really):
                self.fail(f"{where}\n" + "\n".join(difflib.unified_diff(shown, really, "the page shows", "it prints", lineterm="")))


for page_name in page_names():
    if any(isinstance(step, pages.Command) and step.runs for step in pages.steps(read(page_name))):
        setattr(Docs, "test_commands_of_" + re.sub(r"\W", "_", page_name[:-3]), lambda self, name=page_name: check(self, name))


def bless(name):
    lines, changes = read(name).split("\n"), []
    with Page(name) as page:
        for command, _, printed, _ in page.played():
            if command.shown and not agrees(lines_of("\n".join(command.shown)), lines_of(printed)):
                printed = printed.replace(page.home, "/tmp/foz-sandbox-1000").replace(page.folder, "/home/ada/try")
                changes.append((command.line, len(command.shown), printed.rstrip("\n").split("\n")))
    for line, count, printed in reversed(changes):
        lines[line:line + count] = printed
    with open(os.path.join(ROOT, name), "w", encoding="utf-8") as file:
        file.write("\n".join(lines))
    print(f"{name}: {len(changes)} written anew")


if __name__ == "__main__":
    if "--bless" in sys.argv:
        for page_name in sys.argv[2:] or page_names():
            bless(page_name)
    else:
        unittest.main()
