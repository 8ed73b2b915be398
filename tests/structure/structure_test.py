"""The project's shape, kept by test: the ladder of folders, no include cycles, short files, the words that no source may
hold. Each rule is also run on a tree that breaks it, so that a rule that has stopped biting is noticed."""

import re
import subprocess
import unittest
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
CODE = (".h", ".cpp", ".py", ".sh", ".cmake", ".yaml")
MOST_LINES = 800
INCLUDE = re.compile(r'^\s*#\s*include\s+"([^"]+)"', re.M)

LIBRARY = ("base", "kernels", "preprocess", "devices", "tokenizers", "models", "drawing", "encoders", "decoders", "backends", "graph", "nodes")
FORBIDDEN_EVERYWHERE = {
    r"\bmodel_type\s*[=!]=": "architectures are data; ask what the weights hold, not what the model is called",
    r"#\s*pragma\s+omp\b|<omp\.h>": "oneTBB is the only pool",
}
FORBIDDEN_IN_LIBRARIES = {
    r"\bstd::c(out|err)\b|(?<![\w:])f?printf\s*\(|\bputs\s*\(": "library code never prints; see base/log.h",
    r"(?<![\w.>])(std::)?(_?exit|abort|terminate)\s*\(": "library code never ends the process; see base/error.h",
}
VAGUE_NAMES = re.compile(r"(^|_)(utils?|common|helpers?|manager|misc)(_|$)")


def project_files():
    listed = subprocess.run(["git", "-C", ROOT, "ls-files", "-co", "--exclude-standard"], capture_output=True, text=True)
    if listed.returncode == 0:
        names = listed.stdout.split("\n")
    else:  # an unpacked archive
        names = [str(p.relative_to(ROOT)) for p in ROOT.rglob("*") if "build" not in p.relative_to(ROOT).parts]
    return {n: (ROOT / n).read_text(errors="replace") for n in names if n.endswith(CODE) and (ROOT / n).is_file()}


def without_comments(text):
    return re.sub(r"//[^\n]*|/\*.*?\*/", "", text, flags=re.S)


def ladder(cmake_texts):
    """folder -> the folders it may include, from the USES of the millrace_library calls."""
    uses = {}
    for text in cmake_texts:
        for folder, rest in re.findall(r"^millrace_library\((\w+)([^)]*)\)", text, re.M):
            found = re.search(r"\bUSES((?:\s+[a-z_]+)+)", rest)
            uses[folder] = set(found.group(1).split()) if found else set()
    def closure(folder):
        reached = {folder}
        for used in uses[folder]:
            reached |= closure(used)
        return reached
    allowed = {folder: closure(folder) for folder in uses}
    allowed["cli"] = set(uses) | {"cli"}
    return allowed


def ladder_faults(files, allowed):
    for name, text in files.items():
        folder = name.split("/")[0]
        if folder not in allowed or not name.endswith((".h", ".cpp")):
            continue
        for include in INCLUDE.findall(text):
            target = include.split("/")[0]
            if "/" not in include:
                yield f'{name}: includes "{include}"; name it from the root of the project'
            elif target in allowed and target not in allowed[folder]:
                yield f"{name}: {folder}/ may not use {target}/ (includes {include})"


def cycle_faults(files):
    edges = {n: [i for i in INCLUDE.findall(t) if i in files] for n, t in files.items() if n.endswith((".h", ".cpp"))}
    done, path = set(), []

    def visit(name):
        if name in path:
            yield "include cycle: " + " -> ".join(path[path.index(name):] + [name])
        elif name not in done:
            path.append(name)
            for target in edges.get(name, []):
                yield from visit(target)
            path.pop()
            done.add(name)

    for name in edges:
        yield from visit(name)


def length_faults(files):
    for name, text in files.items():
        lines = text.count("\n")
        if lines > MOST_LINES:
            yield f"{name}: {lines} lines; more than {MOST_LINES} hold more than one concept"


def word_faults(files):
    for name, text in files.items():
        if not name.endswith((".h", ".cpp")):
            continue
        folder = name.split("/")[0]
        rules = dict(FORBIDDEN_EVERYWHERE)
        if folder in LIBRARY:
            rules.update(FORBIDDEN_IN_LIBRARIES)
            if folder != "graph":
                rules[r"tbb/flow_graph\.h|tbb::flow\b"] = "graph/ is the only folder that sees the flow graph"
        code = without_comments(text)
        for pattern, why in rules.items():
            for found in re.finditer(pattern, code):
                yield f"{name}: '{found.group(0).strip()}': {why}"
        if name.endswith(".h") and "#pragma once" not in text:
            yield f"{name}: has no #pragma once"


def name_faults(files):
    for name in files:
        stem = Path(name).stem
        if name.endswith((".h", ".cpp")) and (VAGUE_NAMES.search(stem) or not re.fullmatch(r"[a-z0-9_]+", stem)):
            yield f"{name}: say in snake_case what the file holds"


class Structure(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.files = project_files()
        cmake = [p.read_text() for p in ROOT.rglob("CMakeLists.txt") if "build" not in p.relative_to(ROOT).parts]
        cls.allowed = ladder(cmake)

    def none(self, faults):
        faults = list(faults)
        self.assertFalse(faults, "\n" + "\n".join(faults))

    def test_the_project_is_seen(self):
        self.assertGreater(len(self.files), 20)
        self.assertLessEqual(set(LIBRARY), set(self.allowed))
        self.assertEqual(self.allowed["graph"], {"graph", "base"})

    def test_folders_keep_the_ladder(self):
        self.none(ladder_faults(self.files, self.allowed))

    def test_includes_have_no_cycle(self):
        self.none(cycle_faults(self.files))

    def test_files_are_short(self):
        self.none(length_faults(self.files))

    def test_forbidden_words(self):
        self.none(word_faults(self.files))

    def test_names_say_what(self):
        self.none(name_faults(self.files))


class RulesBite(unittest.TestCase):
    def test_ladder(self):
        allowed = ladder(["millrace_library(base LINKS fmt)\nmillrace_library(graph USES base LINKS x)\n"
                          "millrace_library(nodes USES graph)\n"])
        self.assertEqual(allowed["nodes"], {"nodes", "graph", "base"})
        self.assertEqual(len(list(ladder_faults({"graph/a.h": '#include "nodes/b.h"\n'}, allowed))), 1)
        self.assertEqual(len(list(ladder_faults({"graph/a.cpp": '#include "a.h"\n'}, allowed))), 1)
        self.assertEqual(list(ladder_faults({"nodes/a.h": '#include "base/b.h"\n'}, allowed)), [])

    def test_cycles(self):
        files = {"a/a.h": '#include "a/b.h"\n', "a/b.h": '#include "a/c.h"\n', "a/c.h": '#include "a/a.h"\n'}
        self.assertEqual(list(cycle_faults(files)), ["include cycle: a/a.h -> a/b.h -> a/c.h -> a/a.h"])
        del files["a/c.h"]
        self.assertEqual(list(cycle_faults(files)), [])

    def test_length(self):
        self.assertEqual(len(list(length_faults({"a/a.h": "\n" * 801}))), 1)
        self.assertEqual(list(length_faults({"a/a.h": "\n" * 800})), [])

    def test_words(self):
        for bad in ('if (model_type == "whisper") {}', "std::cout << 1;", 'printf("x");', "std::exit(1);", "abort();",
                    "#pragma omp parallel", "#include <oneapi/tbb/flow_graph.h>"):
            self.assertEqual(len(list(word_faults({"models/a.cpp": bad}))), 1, bad)
        for good in ("// never calls exit()", "std::snprintf(b, n);", 'name = "model_type";', "on_abort(); x.exit();"):
            self.assertEqual(list(word_faults({"models/a.cpp": good})), [], good)
        self.assertEqual(len(list(word_faults({"models/a.h": "int a;"}))), 1)

    def test_names(self):
        self.assertEqual(len(list(name_faults({"a/utils.h": "", "a/string_helper.cpp": "", "a/Big.h": ""}))), 3)
        self.assertEqual(list(name_faults({"a/commonality.h": ""})), [])


if __name__ == "__main__":
    unittest.main()
