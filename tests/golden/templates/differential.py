"""Compares `millrace template` with transformers on random templates:

    MILLRACE=build/release/millrace python tests/golden/templates/differential.py [--count N] [--seed K]

prints each template on which they differ, in text or in whether it is an error, and exits 1 if there are any. Where Millrace
refuses on purpose (whole numbers beyond 64 bits, templates that run away) there is nothing to compare."""

import argparse
import json
import os
import random
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from reference import render

# Jinja2 folds constants with another lookup, which lets `1[2:3]` through as undefined.
ON_PURPOSE = ("64 bits", "runs away", "complex number", "not supported", "at most 1000", "not subscriptable", "unhashable type: 'slice'")
CASE = {
    "s": "Hello wörld, it's \"ß\"\n  Line two\t end ", "t": "a-b_c.d,e", "e": "", "u": "ÀÉ 😀 ǆ ﬁ İ", "h": "<b class='x'>&amp; c</b>",
    "i": 7, "j": -3, "z": 0, "f": 2.5, "g": -0.125, "big": 1e20, "yes": True, "no": False, "nothing": None,
    "l": [3, 1, 2], "m": ["b", "A", "c", "a"], "k": [], "x": [1, "a", None, 2.5, [True], {"q": 1}],
    "d": {"b": 1, "a": [1, 2], "C": "x", "items": "shadow"}, "o": {},
    "users": [{"name": "Bob", "age": 3, "tags": ["x"], "in": {"n": 1}}, {"name": "al", "age": 9, "tags": []},
              {"name": "bob", "age": 3, "in": {"n": 2}}],
    "messages": [{"role": "user", "content": "Hi"}, {"role": "assistant", "content": None, "tool_calls": [{"name": "f"}]}],
}
NAMES = [n for n in CASE] + ["missing"]
FILTERS = ["upper", "lower", "title", "capitalize", "trim", "length", "count", "first", "last", "list", "sort", "unique|list",
           "reverse|list", "string", "int", "float", "round", "abs", "sum", "min", "max", "join", "join(',')", "tojson", "e", "escape", "safe",
           "default('D')", "default('D', true)", "dictsort", "items|list", "map('upper')|list", "map('string')|join('|')",
           "map(attribute='name')|list", "map(attribute='in.n', default=0)|list", "map('length')|list", "select|list", "reject('none')|list",
           "select('string')|list", "selectattr('tags')|list", "selectattr('age', 'gt', 4)|list", "rejectattr('in')|list", "groupby('age')",
           "groupby('name')|length", "batch(2)|list", "batch(2, 0)|list", "slice(2)|list", "slice(3, 'f')|list", "replace('a', 'X')",
           "replace('l', '', 1)", "indent", "indent(2, true)", "indent('> ', blank=true)", "truncate(8)", "truncate(8, true, '~', 0)",
           "wordwrap(6)", "wordcount", "center(12)", "striptags", "urlencode", "format(1, 2)", "tojson(indent=1)", "tojson(sort_keys=true)",
           "sort(reverse=true)", "sort(case_sensitive=true)", "sort(attribute='age')", "attr('upper')", "xmlattr", "int(5)", "int(base=16)", "float(1.5)",
           "round(1)", "round(1, 'floor')", "round(0, 'ceil')", "filesizeformat", "forceescape", "pprint|length > 0"]
TESTS = ["defined", "undefined", "none", "string", "number", "integer", "float", "boolean", "mapping", "sequence", "iterable", "true", "false",
         "odd", "even", "lower", "upper", "callable", "divisibleby 3", "eq 7", "ne 7", "gt 2", "in [1, 7, 'a']", "sameas none", "escaped", "== 3", "lt(4)"]
METHODS = ["strip()", "lstrip()", "rstrip('e d')", "split()", "split(' ')", "split('l', 1)", "rsplit(None, 1)", "rsplit(',', 1)", "splitlines()",
           "splitlines(true)", "upper()", "lower()", "title()", "capitalize()", "swapcase()", "casefold()", "startswith('H')", "endswith(('d ', 'x'))",
           "find('l')", "rfind('l')", "index('l')", "count('l')", "count('')", "replace('l', 'LL')", "replace('', '-')", "replace('l', '', 1)",
           "partition('l')", "rpartition(' ')", "zfill(30)", "center(31, '*')", "ljust(30, '.')", "rjust(30)", "isdigit()", "isalpha()", "isalnum()", "isspace()",
           "isupper()", "islower()", "istitle()", "isascii()", "isidentifier()", "isprintable()", "join(['x', 'y'])", "join(m)", "removeprefix('He')", "removesuffix(' ')", "expandtabs(3)",
           "format(1)", "find('l', 3)", "find('o', -9, -2)", "startswith('e', 1)",
           "keys()|list", "values()|list", "items()", "items()|list", "get('a')", "get('zz', 5)", "index(1)", "count(1)", "copy()", "append(1)", "pop()", "update({})", "name", "role",
           "a", "b", "is_integer()", "bit_length()", "__class__", "_x", "items", "0", "1.x"]
BINARY = ["+", "-", "*", "/", "//", "%", "**", "~", "==", "!=", "<", "<=", ">", ">=", "in", "not in", "and", "or"]
FORMATS = ["%s", "%d", "%5d|", "%-5d|", "%05d", "%+d", "%x", "%#o", "%X", "%5.1f", "%e", "%g", "%r", "%c", "%%", "%5s|", "%-5s|", "%.2s", "%i", "%s %s", "%(a)s", "%*d"]
FIELDS = ["{}", "{0}", "{:>8}", "{:<8}|", "{:^8}|", "{:*^9}", "{:d}", "{:05d}", "{:+}", "{:,}", "{:_}", "{:x}", "{:#x}", "{:b}", "{:.2f}", "{:10.3f}", "{:e}", "{:g}", "{:%}",
          "{:.3}", "{!r}", "{!s:>6}", "{:s}", "{:08.2f}", "{:,.2f}", "{:n}", "{:c}", "{:=+8}", "{:010,}", "{:.0f}", "{:#.3g}", "{:z.1f}", "{:G}", "{:E}", "{:012_x}", "{0[0]}", "{0.name}"]


class Generator:
    def __init__(self, seed):
        self.random = random.Random(seed)
        self.locals = []

    def pick(self, items):
        return self.random.choice(items)

    def literal(self):
        r = self.random
        return self.pick([str(r.randint(0, 20)), str(r.randint(-5, 5)), repr(round(r.uniform(-9, 9), 3)), "'%s'" % self.pick(["a", "l", " ", "", "Hi\\n", "é", "%s"]),
                          '"it\'s"', "true", "false", "none", "[]", "{}", "()", "(1,)", "1e3", "0x1F", "1_000", "'a' 'b'"])

    def atom(self, depth):
        if self.locals and self.random.random() < 0.3:
            return self.pick(self.locals)
        return self.literal() if self.random.random() < 0.35 else self.pick(NAMES)

    def expression(self, depth=3):
        if depth == 0:
            return self.atom(depth)
        sub = lambda: self.expression(depth - 1)  # noqa: E731
        kind = self.random.randrange(17)
        if kind == 0:
            return self.atom(depth)
        if kind == 1:
            return f"{sub()} {self.pick(BINARY)} {sub()}"
        if kind == 2:
            return f"({sub()} {self.pick(BINARY)} {sub()})"
        if kind in (3, 4):
            return f"{self.atom(depth)}|{self.pick(FILTERS)}"
        if kind == 5:
            return f"({sub()})|{self.pick(FILTERS)}"
        if kind == 6:
            return f"{self.atom(depth)} is {self.pick(['', 'not '])}{self.pick(TESTS)}"
        if kind in (7, 8):
            return f"{self.atom(depth)}.{self.pick(METHODS)}"
        if kind == 9:
            return f"({sub()}).{self.pick(METHODS)}"
        if kind == 10:
            return f"{self.atom(depth)}[{self.pick(['0', '-1', '1', '5', repr('a'), repr('items'), repr('name'), 'i', 'true', '0.5'])}]"
        if kind == 11:
            part = lambda: self.pick(["", "1", "-1", "2", "-3", "0", "9", "none", "i"])  # noqa: E731
            return f"{self.atom(depth)}[{part()}:{part()}{self.pick(['', ':', ':1', ':2', ':-1', ':-2'])}]"
        if kind == 12:
            return f"({sub()} if {sub()}{self.pick(['', f' else {sub()}'])})"
        if kind == 13:
            return self.pick([f"[{sub()}, {sub()}]", f"({sub()}, {sub()})", f"{{'a': {sub()}, {self.literal()}: {sub()}}}", f"[{sub()}]"])
        if kind == 14:
            return f"{self.pick(['not ', '-', '+'])}{self.atom(depth)}"
        if kind == 15:
            return self.pick([f"'{self.pick(FORMATS)}' % {self.atom(depth)}", f"'{self.pick(FORMATS)}{self.pick(FORMATS)}' % ({sub()}, {sub()})",
                              f"'{self.pick(FIELDS)}'.format({self.atom(depth)})", f"'{self.pick(FIELDS)}{{}}'.format({sub()}, {sub()})"])
        return self.pick([f"range({self.random.randint(-3, 9)})|list", f"range({self.atom(0)}, 9, {self.pick(['1', '2', '-2'])})|list", f"dict(a={sub()})", f"namespace(a={sub()}).a",
                          f"{sub()} < {sub()} < {sub()}", f"dict({self.atom(0)})", "joiner('-')()", f"cycler({sub()}, 2).next()", f"range(9){self.pick(['[2]', '[::2]|list', '[-1]', '|length', ''])}"])

    def space(self):
        return self.pick(["", "", " ", "\n", "  \n  ", "text", "\n\n", " x\n", "\t"])

    def tag(self, inner):
        return "{%" + self.pick(["", "", "", "-", "+"]) + " " + inner + " " + self.pick(["", "", "", "-", "+"]) + "%}"

    def body(self, depth):
        return "".join(self.space() + self.statement(depth) for _ in range(self.random.randint(1, 3))) + self.space()

    def statement(self, depth=2):
        r = self.random
        kind = r.randrange(13) if depth > 0 else 0
        if kind <= 2:
            return "{{" + self.pick(["", "", "-"]) + " " + self.expression(2) + " " + self.pick(["", "", "-"]) + "}}"
        if kind == 3:
            return self.tag(f"if {self.expression(2)}") + self.body(depth - 1) + self.pick(["", self.tag(f"elif {self.expression(1)}") + self.body(depth - 1)]) + self.pick(
                ["", self.tag("else") + self.body(depth - 1)]) + self.tag("endif")
        if kind in (4, 5):
            known = len(self.locals)
            names = self.pick([["v"], ["v"], ["v"], ["p", "q"]])
            source = self.pick([self.atom(0), self.expression(2), "range(3)", "users", "d.items()", "l", "messages", "x"]) if len(names) == 1 else self.pick(["d.items()", "[(1, 2), (3, 4)]", "d|dictsort", "o|items"])
            self.locals += names + ["loop.index", "loop.last", "loop.first", "loop.length", "loop.revindex0", "loop.previtem", "loop.nextitem", "loop.depth", "loop.cycle('a', 'b')", "loop.changed(v)"]
            test = self.pick(["", "", "", f" if {self.expression(1)}"])
            inner = self.body(depth - 1) + self.pick(["", "", self.tag(f"if {self.expression(1)}") + self.tag(self.pick(["break", "continue"])) + self.tag("endif") + self.body(0)])
            del self.locals[known:]
            return self.tag(f"for {', '.join(names)} in {source}{test}") + inner + self.pick(["", self.tag("else") + self.body(0)]) + self.tag("endfor")
        if kind == 6:
            self.locals.append("w")
            return self.tag(f"set w = {self.expression(2)}")
        if kind == 7:
            return self.tag("set w" + self.pick(["", " | upper", " | replace('a', 'b') | trim"])) + self.body(depth - 1) + self.tag("endset") + "{{ w }}"
        if kind == 8:
            name = self.pick(["one", "two"])
            known = len(self.locals)
            self.locals += ["p", "q", "varargs", "kwargs"]
            text = self.tag(f"macro {name}(p, q={self.expression(1)})") + self.body(depth - 1) + self.tag("endmacro")
            del self.locals[known:]
            arguments = self.pick(["1", "1, 2", "1, 2, 3", "", "q=1, p=2", "*l", "**{'p': 5}", "1, zz=3"])
            return text + self.pick(["{{ " + name + f"({arguments})" + " }}", self.tag(f"call {name}({arguments})") + self.body(0) + self.tag("endcall"), ""])
        if kind == 9:
            known = len(self.locals)
            self.locals += ["w2"]
            text = self.tag(f"with w2 = {self.expression(1)}") + self.body(depth - 1) + self.tag("endwith")
            del self.locals[known:]
            return text
        if kind == 10:
            return self.tag("filter " + self.pick(["upper", "trim", "replace('a', 'b')|title", "indent(2)", "e"])) + self.body(depth - 1) + self.tag("endfilter")
        if kind == 11:
            return self.pick(["{# note #}", "{#- note -#}", "{# note\n#}\n", "{% raw %} {{ x }} {% endraw %}", "{%- raw -%} {%- endraw -%}", "{% generation %}" + self.expression(1) + "{% endgeneration %}",
                              "{% block b" + str(r.randrange(10**6)) + " %}b{% endblock %}"])
        return "{% set ns = namespace(a=1) %}" + self.tag(f"set ns.a = {self.expression(1)}") + "{{ ns.a }}" + self.pick(["", "{{ ns.b }}", "{{ ns }}"])

    def template(self):
        if self.random.random() < 0.6:
            return "{{ " + self.expression(3) + " }}"
        return self.body(2)


def generated(seed):
    return Generator(seed).template()


def differs(template, ours, our_error):
    """What transformers gives where that is something else than `ours`; else None."""
    text, error = render(template, CASE)
    if (error is None) == (our_error is None) and text == ours:
        return None
    if our_error is not None and any(reason in our_error for reason in ON_PURPOSE):
        return None
    # Addresses, and what a generator's name shows, are Python's own.
    if text is not None and (" at 0x" in text or "TemplateReference" in text):
        return None
    return text if error is None else error


def run(template):
    with tempfile.NamedTemporaryFile("w", suffix=".jinja", encoding="utf-8", newline="") as file:
        file.write(template)
        file.flush()
        done = subprocess.run([os.environ.get("MILLRACE", "millrace"), "template", file.name], input=json.dumps(CASE), capture_output=True, text=True,
                              encoding="utf-8", timeout=60)
    if done.returncode not in (0, 4, 5):
        return None, f"exit code {done.returncode}: {done.stderr}"
    return (done.stdout, None) if done.returncode == 0 else (None, done.stderr)


def main():
    options = argparse.ArgumentParser()
    options.add_argument("--count", type=int, default=2000)
    options.add_argument("--seed", type=int, default=1)
    options = options.parse_args()
    templates = [generated(options.seed * 1_000_003 + i) for i in range(options.count)]
    different = 0
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        for template, (ours, our_error) in zip(templates, pool.map(run, templates)):
            theirs = differs(template, ours, our_error)
            if theirs is not None:
                different += 1
                print(f"--- {template!r}\n  transformers: {theirs!r}\n  millrace:     {ours if our_error is None else our_error!r}")
    print(f"{options.count} templates, {different} differ")
    sys.exit(1 if different else 0)


if __name__ == "__main__":
    main()
