"""Mistakes in the files that configure quality and operations: each is told with file, line and cure, and before
anything runs. The tables below hold one mistake a line."""

import unittest

from smelt_program import LakeTest, smelt

# The first lines of a pipeline's tasks; more keys of this one or more tasks may follow.
TASKS = "tasks:\n  - name: mark\n    type: shell\n    with: {command: 'touch ran.txt'}\n"


def two(kind, settings, keys=""):
    """A second task of a pipeline; `keys` stand beside its settings."""
    return TASKS + f"  - {{name: two, type: {kind}, {keys + ', ' if keys else ''}with: {{{settings}}}}}\n"


def expectation(kind, kwargs):
    """A suite of one expectation."""
    return f"name: s\nexpectations:\n  - {{type: {kind}, kwargs: {{{kwargs}}}}}\n"


# What is wrong, the file's text, the line of the mistake, words of the message.
PIPELINES = [
    ("empty file", "", 1, "map"),
    ("only a comment", "# later\n", 1, "map"),
    ("a list", "- name: p\n", 1, "map"),
    ("tabs", TASKS + "params:\n\tday: 1\n", 6, "tab"),
    ("unclosed brace", TASKS + "  - {name: two, type: shell\n", 6, "bracket"),
    ("unknown key", "shedule: '0 2 * * *'\n" + TASKS, 1, "schedule"),
    ("key twice", "timezone: UTC\ntimezone: Europe/Berlin\n" + TASKS, 2, "timezone"),
    ("no name", "# mark\n" + TASKS, 2, "name"),
    ("hour 25", "schedule: '0 25 * * *'\n" + TASKS, 1, "25"),
    ("four fields", "schedule: '0 2 * *'\n" + TASKS, 1, "field"),
    ("February 30", "schedule: '0 0 30 2 *'\n" + TASKS, 1, "never"),
    ("unknown shorthand", "schedule: '@dayly'\n" + TASKS, 1, "@dayly"),
    ("step of zero", "schedule: '*/0 * * * *'\n" + TASKS, 1, "0"),
    ("impossible zone", "schedule: '0 2 * * *'\ntimezone: Europe/Belrin\n" + TASKS, 2, "Europe/Belrin"),
    ("zone as number", "schedule: '0 2 * * *'\ntimezone: 2\n" + TASKS, 2, "zone"),
    ("schedule and every", "schedule: '0 2 * * *'\nevery: 15m\n" + TASKS, 2, "every"),
    ("every zero", "every: 0s\n" + TASKS, 1, "every"),
    ("every negative", "every: -5m\n" + TASKS, 1, "-5m"),
    ("every without unit of time", "every: often\n" + TASKS, 1, "often"),
    ("end before start", "every: 1h\nstart: 2024-02-01\nend: 2024-01-01\n" + TASKS, 3, "start"),
    ("start no date", "every: 1h\nstart: soon\n" + TASKS, 2, "soon"),
    ("catchup no boolean", "every: 1h\nstart: 2024-02-01\ncatchup: perhaps\n" + TASKS, 3, "perhaps"),
    ("keep beside tasks", "keep: {tables: [gold.kpis], fresher_than: 15m}\n" + TASKS, 3, "keep"),
    ("keep without tables", "keep: {fresher_than: 15m}\n", 1, "tables"),
    ("keep of no tables", "keep:\n  fresher_than: 15m\n  tables: []\n", 3, "table"),
    ("keep of a name without schema", "keep:\n  tables: [kpis]\n  fresher_than: 15m\n", 2, "kpis"),
    ("keep of a table that nothing makes", "keep:\n  fresher_than: 15m\n  tables:\n    - gold.kpis\n", 4, "gold.kpis"),
    ("keep without a time", "keep: {tables: gold.kpis}\n", 1, "fresher_than"),
    ("keep of no time", "keep:\n  tables: gold.kpis\n  fresher_than: 0s\n", 3, "second"),
    ("unknown key of keep", "keep:\n  tables: gold.kpis\n  fresher_then: 1h\n", 3, "fresher_than"),
    ("refresh of a table that nothing makes", two("refresh", "tables: gold.kpis"), 5, "gold.kpis"),
    ("no tasks", "description: nothing\n", 1, "tasks"),
    ("tasks empty", "tasks: []\n", 1, "task"),
    ("tasks a map", "tasks: {mark: {type: shell}}\n", 1, "list"),
    ("task without name", TASKS + "  - {type: shell, with: {command: 'true'}}\n", 5, "name"),
    ("task without type", TASKS + "  - {name: two, with: {command: 'true'}}\n", 5, "type"),
    ("task twice", TASKS + "  - {name: mark, type: shell, with: {command: 'true'}}\n", 5, "mark"),
    ("unknown type", two("shel", "command: 'true'"), 5, "shell"),
    ("unknown need", two("shell", "command: 'true'", "needs: makr"), 5, "mark"),
    ("needs itself", two("shell", "command: 'true'", "needs: two"), 5, "two"),
    (
        "circle",
        TASKS
        + "  - {name: two, type: shell, needs: three, with: {command: 'true'}}\n"
        + "  - {name: three, type: shell, needs: two, with: {command: 'true'}}\n",
        5,
        "two",
    ),
    ("unknown setting", two("shell", "comand: 'true'"), 5, "command"),
    ("missing setting", TASKS + "  - {name: two, type: shell}\n", 5, "command"),
    ("setting of wrong type", two("shell", "command: ['true']"), 5, "text"),
    ("empty command", two("shell", "command: ''"), 5, "command"),
    ("unknown rule", two("shell", "command: 'true'", "trigger_rule: all_donne"), 5, "all_done"),
    ("attempts zero", TASKS + "    retries: {attempts: 0}\n", 5, "attempts"),
    ("attempts negative", "retries: {attempts: -1}\n" + TASKS, 1, "attempts"),
    ("attempts huge", "retries: {attempts: 99999999999999999999}\n" + TASKS, 1, "99999999999999999999"),
    ("delay above its maximum", "retries: {attempts: 2, delay: 1h, delay_max: 1m}\n" + TASKS, 1, "delay"),
    ("timeout negative", "timeout: -1h\n" + TASKS, 1, "-1h"),
    ("timeout no duration", "timeout: an hour\n" + TASKS, 1, "an hour"),
    ("sla zero", "sla: 0s\n" + TASKS, 1, "sla"),
    ("priority no number", TASKS + "    priority: high\n", 5, "high"),
    ("unknown pool", TASKS + "    pool: wharehouse\n", 5, "warehouse"),
    ("more slots than the pool has", TASKS + "    pool: warehouse\n    pool_slots: 9\n", 6, "9"),
    ("slots without pool", TASKS + "    pool_slots: 2\n", 5, "pool"),
    ("concurrency zero", "concurrency: 0\n" + TASKS, 1, "concurrency"),
    ("condition cut off", two("shell", "command: 'true'", "when: 'params.x >'"), 5, ""),
    ("condition on unknown param", two("shell", "command: 'true'", "when: params.dya"), 5, "dya"),
    (
        "condition on a task that is not upstream",
        two("shell", "command: 'true'", "when: tasks.mark.output > 1"),
        5,
        "needs",
    ),
    ("open braces in a text", two("shell", "command: 'echo {{ params.x'"), 5, "}}"),
    ("param of unknown type", "params:\n  day: {type: dat, default: 1}\n" + TASKS, 2, "date"),
    ("param whose default is of another type", "params:\n  day: {type: date, default: soon}\n" + TASKS, 2, "soon"),
    ("for each over a number", TASKS + "    for_each: 7\n", 5, "for_each"),
    ("event of unknown kind", "on: [{fiel: 'x/*.csv'}]\n" + TASKS, 1, "file"),
    ("token in plain text", "on: [http: {token: s3cret}]\n" + TASKS, 1, "plain text"),
    ("token and signature", "on: [http: {token: {env: A}, signing_key: {env: B}}]\n" + TASKS, 1, "not both"),
    ("event of unknown pipeline", "on: [{pipeline: nightly}]\n" + TASKS, 1, "nightly"),
    ("unknown pipeline to run", two("pipeline", "name: nightly"), 5, "nightly"),
    ("file of SQL that is not there", two("sql", "file: none.sql"), 5, "none.sql"),
    ("script that is not there", two("python", "script: none.py"), 5, "none.py"),
    ("message to unknown channel", two("notify", "channels: [taem], message: m"), 5, "team"),
    ("unknown severity", two("notify", "channels: [team], message: m, severity: bad"), 5, "bad"),
    ("unknown source", two("ingest", "source: cmr"), 5, "crm"),
    ("no suite of that name", two("validate", "suites: ordres"), 5, "ordres"),
    ("address without scheme", two("http", "url: example.com"), 5, "https://"),
    ("memory no size", two("shell", "command: 'true', memory: lots"), 5, "lots"),
]

# Those without a name; the others end with it.
UNNAMED = ("empty file", "only a comment", "a list", "no name")

# In smelt.yml.
PROJECTS = [
    ("empty file", "", 1, "name"),
    ("unknown key", "name: p\npiplines: x\n", 2, "pipelines"),
    ("tabs", "name: p\ncosts:\n\tcurrency: EUR\n", 3, "tab"),
    ("pool of no slots", "name: p\npools: {warehouse: 0}\n", 2, "warehouse"),
    ("pool of text", "name: p\npools: {warehouse: many}\n", 2, "many"),
    ("negative price", "name: p\ncosts:\n  currency: EUR\n  cpu_hour: -1\n", 4, "negative"),
    ("price as text", "name: p\ncosts:\n  currency: EUR\n  cpu_hour: cheap\n", 4, "cheap"),
    ("price that is not a number", "name: p\ncosts:\n  currency: EUR\n  cpu_hour: .nan\n", 4, ".nan"),
    ("unknown price", "name: p\ncosts:\n  currency: EUR\n  cpu_hours: 1\n", 4, "cpu_hour"),
    ("no currency", "name: p\ncosts:\n  cpu_hour: 1\n", 3, "currency"),
    ("currency without prices", "name: p\ncosts:\n  currency: EUR\n", 3, "cpu_hour"),
    ("costs a number", "name: p\ncosts: 3\n", 2, "map"),
]

CHANNELS = "name: p\nnotifications:\n  channels:\n    team: {type: slack, url: {env: HOOK}}\n"

ROUTES = "  routes:\n    - channels: [team]\n"

# In notifications of smelt.yml.
NOTIFICATIONS = [
    ("route to unknown channel", CHANNELS + "  routes:\n    - channels: [taem]\n", 6, "team"),
    ("route without channels", CHANNELS + "  routes:\n    - pipeline: daily\n", 6, "channels"),
    ("unknown key of a route", CHANNELS + "  routes:\n    - {chanels: [team]}\n", 6, "channels"),
    ("unknown severity", CHANNELS + "  routes:\n    - {severity: bad, channels: [team]}\n", 6, "error"),
    ("unknown group", CHANNELS + "  routes:\n    - {group_by: tasks, channels: [team]}\n", 6, "task"),
    ("repeat negative", CHANNELS + "  routes:\n    - {repeat: -4h, channels: [team]}\n", 6, "-4h"),
    ("unknown type", "name: p\nnotifications:\n  channels:\n    team: {type: slak}\n", 4, "slack"),
    ("no type", "name: p\nnotifications:\n  channels:\n    team: {url: {env: HOOK}}\n", 4, "type"),
    (
        "secret in the file",
        "name: p\nnotifications:\n  channels:\n    team: {type: slack, url: 'https://hooks/x'}\n",
        4,
        "env",
    ),
    (
        "mail without receiver",
        "name: p\nnotifications:\n  channels:\n    m: {type: email, host: localhost, from: a@b.c}\n",
        4,
        "to",
    ),
    (
        "port out of range",
        "name: p\nnotifications:\n  channels:\n    m: {type: email, host: h, port: 70000, from: a@b.c, to: [d@e.f]}\n",
        4,
        "70000",
    ),
    (
        "quiet hours that are no time",
        CHANNELS + "  routes:\n    - channels: [team]\n      quiet_hours: {from: '25:00', to: '07:00'}\n",
        7,
        "25:00",
    ),
    (
        "quiet hours in an impossible zone",
        CHANNELS + ROUTES + "      quiet_hours: {from: '22:00', to: '07:00', timezone: Mars}\n",
        7,
        "Mars",
    ),
    ("samples negative", CHANNELS + ROUTES + "  samples: {rows: -1}\n", 7, "rows"),
    ("unknown mask", CHANNELS + ROUTES + "  samples: {mask: some}\n", 7, "some"),
    ("link with unknown name", CHANNELS + ROUTES + "  link: 'https://x/{runid}'\n", 7, "run_id"),
]

EXPECTED = "expectations:\n  - {type: expect_column_values_to_not_be_null, kwargs: {column: id}}\n"

SUITES = [
    ("empty file", "", 1, "expectations"),
    ("a list", "- a\n", 1, "expectations"),
    ("unknown key", "name: s\nexpectation: []\n", 2, "expectations"),
    ("unknown expectation", expectation("expect_column_values_to_not_be_nul", "column: id"), 3, "not_be_null"),
    ("unknown kwarg", expectation("expect_column_values_to_not_be_null", "colum: id"), 3, "column"),
    ("missing kwarg", expectation("expect_column_values_to_not_be_null", ""), 3, "column"),
    (
        "mostly above 1",
        expectation("expect_column_values_to_not_be_null", "column: id, mostly: 99"),
        3,
        "mostly",
    ),
    ("unknown severity", "name: s\n" + EXPECTED.replace("}}", "}, severity: bad}"), 3, "bad"),
    ("unknown gate", "name: s\ngate: soft\n" + EXPECTED, 2, "warn"),
    ("quarantine no boolean", "name: s\nquarantine: maybe\n" + EXPECTED, 2, "maybe"),
    (
        "condition that cannot be read",
        "name: s\nexpectations:\n  - type: expect_column_values_to_not_be_null\n"
        "    kwargs: {column: id, row_condition: 'id >', condition_parser: pandas}\n",
        4,
        "id >",
    ),
    ("freshness without limit", "name: s\ntable: t.t\nfreshness: {column: at}\n" + EXPECTED, 3, "after"),
    (
        "freshness of unknown period",
        "name: s\ntable: t.t\nfreshness: {column: at, error_after: {count: 1, period: fortnight}}\n" + EXPECTED,
        3,
        "period",
    ),
    ("reference without table", "name: s\ntable: t.t\nreferences: [{column: id}]\n" + EXPECTED, 3, "to"),
]

CONTRACT = "apiVersion: v3.1.0\nkind: DataContract\nid: c\nversion: 1.0.0\nstatus: active\n"

CONTRACTS = [
    ("empty file", "", 1, "map"),
    ("unknown key", CONTRACT + "shema: []\n", 6, "schema"),
    ("version of the future", CONTRACT.replace("v3.1.0", "v4.0.0"), 1, "v4.0.0"),
    ("another kind", CONTRACT.replace("DataContract", "DataProduct"), 2, "DataContract"),
    ("unknown type", CONTRACT + "schema:\n  - name: t\n    properties: [{name: a, logicalType: strng}]\n", 8, "string"),
    (
        "property twice",
        CONTRACT + "schema:\n  - name: t\n    properties:\n" + 2 * "      - {name: a, logicalType: string}\n",
        10,
        "a",
    ),
    (
        "unknown metric",
        CONTRACT + "schema:\n  - name: t\n    quality: [{metric: rowCuont, mustBe: 1}]\n    properties: []\n",
        8,
        "rowCount",
    ),
    ("latency without number", CONTRACT + "slaProperties: [{property: latency, value: soon, unit: d}]\n", 6, "soon"),
    ("latency negative", CONTRACT + "slaProperties: [{property: latency, value: -7, unit: d}]\n", 6, "-7"),
]

CHECKPOINTS = [
    ("empty file", "", 1, "map"),
    ("no validations", "name: c\nconfig_version: 1.0\n", 1, "validations"),
    ("unknown suite", "name: c\nconfig_version: 1.0\nvalidations:\n  - expectation_suite_name: none\n", 4, "none"),
]


SOURCE = """
name: crm
connector: csv
location: data
schema: bronze
tables:
  - name: orders
    files: orders*.csv
    columns: [{name: id, type: integer, description: Number}]
"""


class ConfigurationMistakesTest(LakeTest):
    def setUp(self):
        super().setUp()
        self.project = self.folder / "project"
        for folder in ("pipelines", "suites", "sources", "contracts", "gx/checkpoints", "gx/expectations"):
            (self.project / folder).mkdir(parents=True)
        self.write("smelt.yml", CHANNELS + ROUTES + "pools: {warehouse: 4}\n")
        self.write("sources/crm.yml", SOURCE)
        self.write("suites/orders.yml", "name: orders\ntable: bronze.orders\n" + EXPECTED)

    def write(self, name, text):
        (self.project / name).write_text(text, encoding="utf-8")

    def refuse(self, name, mistakes, *command):
        for what, text, line, words in mistakes:
            with self.subTest(f"{name}: {what}"):
                self.write(name, text)
                told = smelt(*command, cwd=self.project)
                message = told.stderr
                self.assertEqual(told.returncode, 2, told.stdout + message)
                self.assertIn(f"{name}:{line}:", message)
                self.assertIn(words, message)
                self.assertIn("\n  hint: ", message)
                self.assertFalse((self.project / "ran.txt").exists(), "something ran")

    def test_pipelines(self):
        named = [(what, text + ("" if what in UNNAMED else "name: p\n"), *rest) for what, text, *rest in PIPELINES]
        self.refuse("pipelines/p.yml", named, "pipeline", "run", "p", "--lake", self.lake)

    def test_projects(self):
        self.write("pipelines/p.yml", TASKS + "name: p\n")
        self.refuse("smelt.yml", PROJECTS, "pipeline", "run", "p", "--lake", self.lake)

    def test_notifications(self):
        self.write("pipelines/p.yml", TASKS + "name: p\n")
        self.refuse("smelt.yml", NOTIFICATIONS, "pipeline", "run", "p", "--lake", self.lake)

    def test_suites(self):
        data = self.project / "data.csv"
        data.write_text("id,at\n1,2018-05-24\n")
        self.refuse("suites/s.yml", SUITES, "validate", "--suite", "suites/s.yml", "--data", data)

    def test_contracts(self):
        self.lake.mkdir()
        self.refuse("contracts/c.yml", CONTRACTS, "contract", "check", "contracts/c.yml", "--lake", self.lake)

    def test_checkpoints(self):
        self.lake.mkdir()
        self.refuse(
            "gx/checkpoints/c.yml", CHECKPOINTS, "validate", "--checkpoint", "gx/checkpoints/c.yml", "--lake", self.lake
        )


if __name__ == "__main__":
    unittest.main()
