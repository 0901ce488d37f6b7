"""Random templates: a grammar over the language that dbt projects use, the same ones for the same seed."""

import random

VARIABLES = {
    "items": [3, 1, 2],
    "words": ["b", "A", "c", "a"],
    "name": "Ada",
    "text": "The quick brown fox",
    "lines": "one\n  two\n\nthree",
    "umlaut": "Übergröße",
    "html": "<a href='x'>&amp;</a>",
    "empty": [],
    "nothing": None,
    "flag": True,
    "pi": 3.14159,
    "big": 1234567890,
    "record": {"b": 1, "a": [1, 2], "C": {"d": "e"}},
    "users": [
        {"name": "bob", "age": 30, "active": True},
        {"name": "Amy", "age": 25, "active": False},
        {"name": "cid", "age": 30, "active": True},
    ],
    "tree": [{"v": 1, "kids": [{"v": 2, "kids": []}, {"v": 3, "kids": [{"v": 4, "kids": []}]}]}],
}

TEMPLATES = {
    "macros": "{% macro twice(x) %}{{ x }}{{ x }}{% endmacro %}{% set level = 7 %}{% macro lev() %}{{ level }}{% endmacro %}"
    "{% set _hidden = 1 %}",
    "body": "[{{ name }}|{{ local }}]",
    "broken": "{% if %}",
    "nested": "<{% include 'body' %}>",
    "endless": "{% include 'endless' %}",
    "sets": "{% set name = 'inner' %}{{ name }}",
}

# What can be called with nothing, and what with one argument of a kind.
TEXT_METHODS = (
    "upper() lower() strip() title() capitalize() swapcase() isdigit() isalpha() isalnum() isupper() islower() isspace()"
    " istitle() isnumeric() isdecimal() isidentifier() isprintable() isascii() casefold() split() rsplit() splitlines()"
    " expandtabs() lstrip() rstrip()"
).split() + [
    "split('a')", "split(' ', 1)", "rsplit(' ', 1)", "rsplit(none, 1)", "split(none, 1)", "replace('a', 'b')",
    "replace('a', 'b', 1)", "startswith('T')", "endswith(('x', 'a'))", "startswith('q', 4)", "find('a')", "find('o', 5)",
    "rfind('o')", "count('o')", "count('o', 2, 14)", "index('q')", "center(12, '*')", "ljust(12)", "rjust(12, '.')",
    "zfill(9)", "partition(' ')", "rpartition(' ')", "removeprefix('T')", "removesuffix('x')", "join(words)",
    "format(1)", "strip('Tx')", "lstrip('T')", "rstrip('x')", "splitlines(true)", "__class__", "nope", "expandtabs(4)",
    "rindex('o')", "translate({84: 'X'})", "isnope()",
]
FILTERS = (
    "abs capitalize center count default d dictsort filesizeformat first float int items join last"
    " length list lower max min reverse sort string sum title trim truncate unique upper"
    " urlencode wordcount wordwrap round indent as_text as_bool as_number as_native is_list"
).split() + [
    "default('x')", "default('x', true)", "d(1)", "join(', ')", "join(attribute='name')", "sort(reverse=true)",
    "sort(attribute='name')", "sort(attribute='age,name')", "sort(case_sensitive=true)", "map('upper')", "map(attribute='name')",
    "map(attribute='nope', default=0)", "map('int') ", "map('string')", "select('odd')", "select", "reject('none')",
    "selectattr('active')", "rejectattr('active')", "selectattr('age', 'gt', 26)", "selectattr('name', 'equalto', 'bob')",
    "groupby('age')", "groupby('nope', default=1)", "batch(2)", "batch(2, 'z')", "slice(2)", "slice(2, 'z')", "round(2)",
    "round(1, 'floor')", "round(method='ceil')", "int(default=7)", "int(2, base=16)", "float(1.5)", "truncate(9)",
    "truncate(9, true)", "truncate(9, true, '..', 0)", "indent(2)", "indent(2, true)", "indent('>', blank=true)",
    "wordwrap(7)", "wordwrap(5, false)", "replace('a', 'b')", "replace('o', 'O', 1)", "center(20)", "format(1, 2)",
    "format('x')", "dictsort(by='value')", "dictsort(reverse=true)", "attr('name')", "max(attribute='age')",
    "min(attribute='name')", "sum(attribute='age')", "sum(start=1)", "unique(attribute='age')", "unique(true)",
    "filesizeformat(true)", "trim('T')", "urlencode",
    "list | length", "list | first", "list | last", "list | join('-')", "list | sort", "map('nope')", "nope", "select('nope')",
]
# What gives Markup in Jinja2: only where it is printed.
LAST_FILTERS = [
    "e", "escape", "forceescape", "tojson", "tojson(2)", "urlize", "urlize(8)", "urlize(nofollow=true)", "xmlattr",
    "xmlattr(false)", "safe", "striptags", "escape | length",
]
TESTS = (
    "boolean callable defined even false filter float integer iterable lower mapping none number odd sequence string true"
    " undefined upper escaped test"
).split() + [
    "divisibleby(3)", "divisibleby 2", "eq 1", "eq(1)", "==(1)", "equalto('a')", "ne 1", "lt 2", "le 2", "gt 2", "ge(2)", "in [1, 2]",
    "in('abc')", "sameas none", "sameas(true)", "greaterthan 1", "lessthan 2", "nope",
]
FORMATS = [
    "'%s' % x", "'%d' % x", "'%05.2f' % x", "'%x' % x", "'%5s|' % x", "'%-5s|' % x", "'%r' % x", "'%+d' % x", "'%e' % x",
    "'%g' % x", "'%(a)s' % {'a': x}", "'%s %s' % (x, x)", "'%%' % ()", "'%c' % x", "'%o' % x", "'%i' % x", "'%#x' % x", "'% d' % x",
    "'%.3s' % x", "'%G' % x", "'%a' % x",
    "'{}'.format(x)", "'{0}{0}'.format(x)", "'{a}'.format(a=x)", "'{:>8}'.format(x)", "'{:^9}'.format(x)", "'{:,}'.format(x)",
    "'{:.2f}'.format(x)", "'{:08.3f}'.format(x)", "'{:+}'.format(x)", "'{:x}'.format(x)", "'{:#b}'.format(x)", "'{:%}'.format(x)",
    "'{:e}'.format(x)", "'{!r}'.format(x)", "'{:_}'.format(x)", "'{0[0]}'.format(x)", "'{:d}'.format(x)", "'{:s}'.format(x)",
    "'{:*<6}'.format(x)", "'{:{w}}'.format(x, w=7)", "'{:g}'.format(x)", "'{:n}'.format(x)", "'{:05}'.format(x)", "'{:c}'.format(x)",
    "'{{}}'.format(x)", "'{'.format(x)", "'{} {1}'.format(x, x)", "'{:.3}'.format(x)", "'{:=+6}'.format(x)", "'{:,.1f}'.format(x)",
]


class Grammar:
    def __init__(self, seed):
        self.random = random.Random(seed)
        self.names = list(VARIABLES)

    def pick(self, choices):
        return self.random.choice(choices)

    def chance(self, share):
        return self.random.random() < share

    # -- expressions

    def literal(self):
        return self.pick([
            str(self.random.randint(-5, 20)), "0", "1", "2.5", "1e3", "0.1", "-3", "'abc'", "\"it's\"", "'a\\nb'", "''", "true", "none",
            "False", "[]", "{}", "()", "[1, 'a', none]", "(1, 2)", "(1,)", "{'a': 1}", "{'k': [1]}", "'%'", "'é'", "0x1F", "1_000",
            "[3, 1, 2]", "['b', 'a']", "range(4)", "range(5, 0, -2)", "10 ** 3", "'12'", "'3.7'", "' x '",
        ])

    def name(self):
        return self.pick(self.names) if self.chance(0.95) else self.pick(["missing", "caller", "varargs"])

    def expression(self, depth=3):
        if depth <= 0:
            return self.name() if self.chance(0.5) else self.literal()
        e = self.expression
        kind = self.random.randrange(22)
        if kind < 4:
            return self.name()
        if kind < 6:
            return self.literal()
        if kind < 10:
            return f"{e(depth - 1)} | {self.pick(FILTERS)}" if self.chance(0.5) else f"({e(depth - 1)}) | {self.pick(FILTERS)}"
        if kind == 10:
            return f"({e(depth - 1)} is {self.pick(['', 'not '])}{self.pick(TESTS)})"
        if kind == 11:
            # Products and powers of small numbers only: Python's integers have no end.
            if self.chance(0.3):
                return f"({e(depth - 1)}) {self.pick(['* 2', '* 3', '* -1', '** 2', '** 0', '** -1', '* 1.5'])}"
            return f"({e(depth - 1)}) {self.pick('+ - / // % ~'.split())} ({e(depth - 2)})"
        if kind == 12:
            return f"{e(depth - 2)} {self.pick('+ - / // % ~'.split())} {e(depth - 2)} {self.pick('+ - ~'.split())} {e(depth - 2)}"
        if kind == 13:
            return f"{e(depth - 1)} {self.pick(['==', '!=', '<', '<=', '>', '>=', 'in', 'not in'])} {e(depth - 1)}"
        if kind == 14:
            return f"{self.pick(['not ', '-', '+'])}{e(depth - 1)}"
        if kind == 15:
            return f"({e(depth - 1)}) {self.pick(['and', 'or'])} ({e(depth - 1)})"
        if kind == 16:
            other = f" else {e(depth - 1)}" if self.chance(0.8) else ""
            return f"{e(depth - 1)} if {e(depth - 1)}{other}"
        if kind == 17:
            return f"({self.pick(['text', 'name', 'umlaut', 'lines', e(depth - 2)])}).{self.pick(TEXT_METHODS)}"
        if kind == 18:
            return f"{self.pick(['items', 'text', 'words', 'umlaut', 'range(9)', 'empty'])}[{self.slice()}]"
        if kind == 19:
            return self.pick(FORMATS).replace("x)", f"({e(depth - 2)}))").replace("% x", f"% ({e(depth - 2)})")
        if kind == 20:
            return self.pick([f"record.{self.pick(['a', 'b', 'C.d', 'nope', 'items() | list', 'keys() | list', 'get(1, 2)'])}",
                              f"record[{self.pick(['0', 'chr', chr(39) + 'a' + chr(39), 'name'])}]", "users[0].name", "users[1]['age']",
                              "tree[0].kids[1].v", "(items | list)[0]", "record.values() | list", "words.index('c')", "items.count(1)"])
        return self.pick([f"[{e(depth - 1)}, {e(depth - 2)}]", f"({e(depth - 1)},)", f"{{'k': {e(depth - 1)}}}", f"dict(a={e(depth - 2)})",
                          f"{e(depth - 2)}, {e(depth - 2)}"])

    def slice(self):
        bound = lambda: self.pick(["", "", "1", "2", "-1", "-2", "0", "10", "-10"])  # noqa: E731
        return self.pick([f"{bound()}:{bound()}", f"{bound()}:{bound()}:{self.pick(['', '1', '2', '-1', '-2'])}", self.pick(["0", "-1", "9"])])

    # -- statements

    def open(self):
        return self.pick(["{%", "{%", "{%", "{%-", "{%+"])

    def close(self):
        return self.pick(["%}", "%}", "%}", "-%}", "+%}"])

    def tag(self, content):
        return f"{self.open()} {content} {self.close()}"

    def data(self):
        return self.pick(["a", " ", "\n", "  \n", "\n\n", "text\n", " b ", "\t", "x\r\ny", "{", "}}", "#", "%}", "é", "-", ""])

    def output(self):
        left, right = self.pick(["{{", "{{", "{{", "{{-"]), self.pick(["}}", "}}", "}}", "-}}"])
        last = f" | {self.pick(LAST_FILTERS)}" if self.chance(0.05) else ""
        return f"{left} ({self.expression()}){last} {right}" if last else f"{left} {self.expression()} {right}"

    def body(self, depth, in_loop=False):
        return "".join(self.statement(depth, in_loop) for _ in range(self.random.randint(1, 3)))

    def statement(self, depth, in_loop=False):
        kind = self.random.randrange(20)
        if depth <= 0 or kind < 6:
            return self.output()
        if kind < 10:
            return self.data()
        if kind == 10:
            branches = self.tag(f"if {self.expression(2)}") + self.body(depth - 1, in_loop)
            if self.chance(0.3):
                branches += self.tag(f"elif {self.expression(2)}") + self.body(depth - 1, in_loop)
            if self.chance(0.5):
                branches += self.tag("else") + self.body(depth - 1, in_loop)
            return branches + self.tag("endif")
        if kind < 14:
            return self.loop(depth)
        if kind == 14:
            # Not a name that is known already: where Jinja2 sees the new value before it is set is no use to anyone.
            target = self.pick(["v", "w"])
            if self.chance(0.3):
                chosen = self.pick(["", " | upper", " | trim", " | trim | length"])
                return self.tag(f"set {target}{chosen}") + self.body(depth - 1) + self.tag("endset")
            return self.tag(f"set {target} = {self.expression()}") + "{{ " + target + " }}"
        if kind == 15:
            return self.macro(depth)
        if kind == 16:
            return self.pick([
                self.tag("filter " + self.pick(["upper", "trim", "indent(2)", "replace('a', 'b')"])) + self.body(depth - 1) + self.tag("endfilter"),
                self.tag(f"with v = {self.expression(2)}, w = 1") + self.body(depth - 1) + "{{ v }}" + self.tag("endwith"),
                self.tag("raw") + self.pick(["{{ x }}", " {% if %} ", "\n{# c #}\n"]) + self.tag("endraw"),
                self.pick(["{#", "{#-"]) + self.pick([" c ", " {{ x }} ", "\n"]) + self.pick(["#}", "-#}"]),
                self.tag(f"do items.append({self.literal()})") + "{{ items }}",
                self.tag(f"include '{self.pick(['body', 'nested', 'sets', 'nope'])}'{self.pick(['', ' ignore missing'])}"),
                self.tag("import 'macros' as m") + "{{ m.twice(name) }}{{ m.level }}",
                self.tag("from 'macros' import twice, lev as l") + "{{ twice(1) ~ l() }}",
                self.tag(f"print {self.expression(2)}"),
            ])
        if kind == 17:
            return (self.tag(f"set ns = namespace(a={self.expression(1)})") + self.tag("for i in [1, 2]") + self.tag("set ns.a = [ns.a, i]")
                    + self.tag("endfor") + "{{ ns.a }}")
        if kind == 18 and in_loop:
            return self.pick([self.tag("if loop.first") + self.tag(self.pick(["break", "continue"])) + self.tag("endif"),
                              "{{ loop.index }}/{{ loop.length }}", "{{ loop.cycle('a', 'b') }}", "{{ loop.revindex0 }}{{ loop.last }}",
                              "{{ loop.previtem }}{{ loop.nextitem }}", "{{ loop.changed(loop.index // 2) }}", "{{ loop.depth }}"])
        return self.output()

    def loop(self, depth):
        target, over = self.pick([("i", "items"), ("w", "words"), ("u", "users"), ("k, v", "record.items()"), ("c", "name"), ("k", "record"),
                                  ("i", "range(3)"), ("x", self.expression(1)), ("k, v", "record | dictsort"), ("a, (b, c)", "[(1, (2, 3))]"),
                                  ("g", "users | groupby('age')"), ("k, v", "zip([1, 2], 'ab')"), ("i", "[]")])
        condition = f" if {self.expression(2)}" if self.chance(0.2) else ""
        head = self.tag(f"for {target} in {over}{condition}")
        shown = "".join("{{ " + name + " }}" for name in target.replace("(", "").replace(")", "").split(", "))
        other = self.tag("else") + self.data() if self.chance(0.2) else ""
        if self.chance(0.1):
            return self.tag("for n in tree recursive") + "{{ n.v }}[{{ loop(n.kids) }}]" + self.tag("endfor")
        return head + shown + self.body(depth - 1, True) + other + self.tag("endfor")

    def macro(self, depth):
        parameters, call = self.pick([("", ""), ("a", "1"), ("a, b=2", "1"), ("a, b=a", "'x'"), ("a='d'", "a=5"), ("a, b='q'", "b=1, a=2"),
                                      ("a", "1, 2"), ("a", ""), ("a", "*[1]"), ("a, b=0", "**{'a': 1, 'b': 2}"), ("a", "c=1")])
        extra = self.pick(["", "", "{{ varargs }}", "{{ kwargs }}", "{{ caller() if caller }}", "{{ caller is defined }}"])
        shown = "".join("{{ " + part.split("=")[0].strip() + " }}" for part in parameters.split(",") if part)
        definition = self.tag(f"macro m({parameters})") + shown + extra + self.body(depth - 1) + self.tag("endmacro")
        if self.chance(0.3):
            return definition + self.tag(f"call m({call})") + self.body(depth - 1) + self.tag("endcall")
        return definition + "{{ m(" + call + ") }}"

    def template(self):
        return self.body(3) if self.chance(0.6) else self.output()
