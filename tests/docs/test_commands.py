"""docs/reference/commands.md against what the program says of itself: no command without a row, no row without a command, no option that is not there."""
import os
import re
import unittest

from foztest import FOZ, run

PAGE = os.path.join(os.path.dirname(os.path.abspath(__file__)), "../../docs/reference/commands.md")
ROW = re.compile(r"\| `foz (\w+)(.*?)` \| (.*) \|$")


def help_of(*command):
    done = run([FOZ, *command, "--help"])
    if done.code != 0:
        raise AssertionError(done.text)
    return done.out


def subcommands(text):
    return re.findall(r"^  (\w+) +\S", text.partition("Subcommands:\n")[2], re.MULTILINE)


def options(text):
    """The option names of a help text: "-p,--param TEXT ..." gives both."""
    return set(re.findall(r"(?:^  |,)(--?[A-Za-z][a-z-]*)", text, re.MULTILINE))


class Commands(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        with open(PAGE, encoding="utf-8") as file:
            cls.text = file.read()
        cls.rows = [match.groups() for match in map(ROW.match, cls.text.split("\n")) if match]

    def test_each_command_has_one_row(self):
        self.assertEqual(sorted(name for name, _, _ in self.rows), sorted(subcommands(help_of())))

    def test_a_row_with_a_choice_names_all_subcommands(self):
        for name, rest, _ in self.rows:
            self.assertEqual(sorted(re.findall(r"\w+", rest)) if "|" in rest else [], sorted(subcommands(help_of(name))), f"foz {name}")

    def test_the_options_of_a_row_are_options_of_its_command(self):
        for name, _, words in self.rows:
            for option in re.findall(r"`(--?[A-Za-z][a-z-]*)", words):
                self.assertIn(option, options(help_of(name)), f"foz {name}")

    def test_the_options_for_all_commands_are_there(self):
        named = set(re.findall(r"`(--[a-z-]+)", self.text.split("| command |")[0])) - {"--help"}
        self.assertEqual(named, options(help_of()) - {"-h", "--help", "-V", "--version"})

    def test_each_exit_code_of_the_page_is_one_of_the_program(self):
        footer = re.search(r"^Exit codes: (.*)$", help_of(), re.MULTILINE)[1]
        self.assertEqual(re.findall(r"^\| (\d+) \|", self.text, re.MULTILINE), re.findall(r"\d+", footer))


if __name__ == "__main__":
    unittest.main()
