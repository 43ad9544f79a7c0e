#!/usr/bin/env python3
"""Holds the house to its plan: which room may include which, and third-party headers to their rooms.

    tests/lint/house.py            prints every violation as file:line and ends with 1, or ends with 0
    tests/lint/house.py --report   prints long files and functions as well (never a failure)

The table of edges is the one of ARCHITECTURE.md; a new edge is a decision, written down in both.
"""
import os
import re
import sys

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))

# room -> rooms whose headers it may include (its own is always allowed)
EDGES = {
    "plugins/api": [],
    "plugins/*": ["plugins/api"],
    "core/base": [],
    "core/yaml": ["core/base"],
    "core/failure": ["core/base"],
    "core/task": ["core/base", "core/failure", "plugins/api"],
    "core/slurm": ["core/base"],
    "core/slurm/native": ["core/base", "core/slurm"],
    "core/plugin": ["core/base", "core/task", "core/yaml", "plugins/api", "plugins/*"],
    "core/spec": ["core/base", "core/yaml", "core/task", "plugins/api"],
    "core/site": ["core/base", "core/yaml", "core/slurm"],
    "core/journal": ["core/base"],
    "core/plan": ["core/base", "core/spec", "core/site", "core/slurm", "core/plugin", "core/task", "plugins/api"],
    "core/run": ["core/base", "core/plan", "core/journal", "core/slurm", "core/failure", "core/task"],
    "core/agent": ["core/base", "core/task", "core/plugin", "core/journal", "core/failure", "core/slurm", "plugins/api"],
    "core/sandbox": ["core/base"],
    "cli": ["core/base", "core/yaml", "core/spec", "core/site", "core/plan", "core/run", "core/journal", "core/slurm",
            "core/plugin", "core/sandbox", "core/task", "plugins/api"],
}

# third-party header prefix -> rooms that may see it ("*_json.cpp" is a name rule)
THIRD_PARTY = {
    "yaml-cpp/": ["core/yaml"],
    "slurm/": ["core/slurm/native"],
    "boost/": ["core/agent"],
    "CLI/": ["cli"],
    "spdlog/": ["core/base"],
    "tl/": ["core/base"],
    "nlohmann/": ["*_json.cpp", "*_json.h"],
}

# Framework names that must not stand in core/ (a plugin's business).
FRAMEWORKS = re.compile(r"\b(tensorflow|horovod|pytorch|pyspark|spark|torchrun|deepspeed)\b", re.IGNORECASE)
FRAMEWORK_EXCEPTIONS = {"core/plugin/CMakeLists.txt", "core/plugin/builtin.cpp"}

LONG_FILE = {".cpp": 400, ".h": 160}
LONG_FUNCTION = 60


def sources(top):
    for folder, _, names in os.walk(os.path.join(ROOT, top)):
        for name in sorted(names):
            if name.endswith((".h", ".cpp", ".c")):
                yield os.path.relpath(os.path.join(folder, name), ROOT)


def room_of(path):
    if path.startswith("core/slurm/native/"):
        return "core/slurm/native"
    parts = path.split("/")
    return parts[0] if parts[0] == "cli" else "/".join(parts[:2])


def edges_of(room):
    return EDGES.get(room) or EDGES.get("/".join([room.split("/")[0], "*"]), [])


def allowed(room, target):
    if target == room:
        return True
    return any(target == edge or (edge.endswith("/*") and target.startswith(edge[:-1])) for edge in edges_of(room))


def check_own(path, room, header):
    target = room_of(header)
    if target.split("/")[0] in ("core", "cli", "plugins") and not allowed(room, target):
        return f"{room} may not include {target} ({header})"
    return None


def check_third_party(path, room, header):
    for prefix, rooms in THIRD_PARTY.items():
        if not header.startswith(prefix):
            continue
        if room in rooms or any(r.startswith("*") and path.endswith(r[1:]) for r in rooms):
            return None
        return f"<{header}> belongs in {', '.join(rooms)}"
    return None


def violations():
    include = re.compile(r'^\s*#\s*include\s*([<"])([^>"]+)[>"]')
    for top in ("core", "cli", "plugins"):
        for path in sources(top):
            room = room_of(path)
            for number, line in enumerate(open(os.path.join(ROOT, path), encoding="utf-8"), 1):
                found = include.match(line)
                if found:
                    check = check_own if found[1] == '"' else check_third_party
                    problem = check(path, room, found[2])
                    if problem:
                        yield f"{path}:{number}: {problem}"
                if top == "core" and FRAMEWORKS.search(line) and path not in FRAMEWORK_EXCEPTIONS:
                    yield f"{path}:{number}: names a framework: {line.strip()[:80]}"


def long_files():
    for top in ("core", "cli", "plugins", "tests"):
        for path in sources(top):
            count = sum(1 for _ in open(os.path.join(ROOT, path), encoding="utf-8"))
            if count > LONG_FILE.get(os.path.splitext(path)[1], 400):
                yield f"{path}: {count} lines"


def long_functions():
    """A function is what begins in column 0 (or two, in a class) and ends with a brace in the same column."""
    no_function = "namespace|class|struct|enum|union|extern|using|template"
    begins = {indent: re.compile(rf"^{indent}(?:(?!{no_function})[A-Za-z_~\[].*[\)\w] \{{|\) \{{)$") for indent in ("", "  ")}
    in_class = re.compile(r"^(class|struct) .*\{$")
    for top in ("core", "cli", "plugins"):
        for path in sources(top):
            indent, begun = "", None
            for number, line in enumerate(open(os.path.join(ROOT, path), encoding="utf-8"), 1):
                line = line.rstrip("\n")
                if in_class.match(line):
                    indent, begun = "  ", None
                elif line == "};":
                    indent, begun = "", None
                elif begins[indent].match(line):
                    begun = number
                elif line == indent + "}" and begun:
                    if number - begun > LONG_FUNCTION:
                        yield f"{path}:{begun}: {number - begun} lines"
                    begun = None


def main():
    if "--report" in sys.argv:
        for title, found in (("long files", long_files()), ("long functions", long_functions())):
            print(title + ":")
            for line in found:
                print("  " + line)
    problems = list(violations())
    print("\n".join(problems) if problems else "the house stands as planned")
    return 1 if problems else 0


sys.exit(main())
