"""The pages of the manual as a test reads them: files to write and commands to run, in the order of the page.

    <!-- file: sweep.yaml -->          the fenced block below is written to this file
    <!-- not run -->                   the console block below is not run; NOT_RUN in test_docs.py says why
    ```console
    $ foz validate sweep.yaml          a command; all commands of a page run in one shell
    sweep.yaml: no errors              what it prints; without such lines its output is not compared
    ...                                any number of lines
    ```
"""
import dataclasses
import re

MARK = re.compile(r"^<!-- (file: (?P<file>.+?)|(?P<not_run>not run)) -->$")


@dataclasses.dataclass
class File:
    name: str
    text: str


@dataclasses.dataclass
class Command:
    line: int
    text: str
    shown: list
    runs: bool = True


def fenced(lines):
    """(mark above, language, number of the first line, lines) of each fenced block."""
    mark, block = "", None
    for number, line in enumerate(lines, 1):
        if block is not None:
            if line.startswith("```"):
                yield block
                mark, block = "", None
            else:
                block[3].append(line)
        elif line.startswith("```"):
            block = (mark, line[3:].strip(), number + 1, [])
        elif line.strip():
            mark = line.strip()


def commands(first, lines, runs):
    found = []
    for number, line in enumerate(lines, first):
        if line.startswith("$ "):
            found.append(Command(number, line[2:], [], runs))
        elif found:
            found[-1].shown.append(line)
        else:
            raise ValueError(f"line {number}: a console block begins with a command, '$ ...'")
    return found


def steps(text):
    """Files and commands of a page in its order."""
    found = []
    for mark, language, first, lines in fenced(text.split("\n")):
        what = MARK.match(mark)
        if what and what["file"]:
            found.append(File(what["file"], "\n".join(lines) + "\n"))
        elif language == "console":
            found += commands(first, lines, runs=not what)
    return found
