"""Templates give the same text, to the byte, in smelt as in Jinja2 as dbt sets it up; what fails there fails here.

The templates are those of jinja_cases.txt, written by hand, and random ones of jinja_grammar.py. SMELT_JINJA_SEED names
the seed of the random ones, SMELT_JINJA_TEMPLATES how many there are; SMELT_JINJA_SHOW how many differences are shown.
"""

import datetime
import hashlib
import itertools
import json
import os
import re
import subprocess
import tempfile
import unittest
from pathlib import Path

import jinja2
import jinja2.sandbox
import pytz
import yaml

from jinja_grammar import TEMPLATES, VARIABLES, Grammar

HERE = Path(__file__).resolve().parent
SHOWN = int(os.environ.get("SMELT_JINJA_SHOW", "20"))


def modules():
    """What dbt gives templates of Python's modules."""
    tools = ("accumulate chain combinations combinations_with_replacement compress count cycle islice permutations product"
             " repeat starmap tee zip_longest")
    return {
        "datetime": {name: getattr(datetime, name) for name in ("date", "datetime", "time", "timedelta", "tzinfo")},
        "pytz": {name: getattr(pytz, name) for name in pytz.__all__},
        "re": {name: getattr(re, name) for name in re.__all__},
        "itertools": {name: getattr(itertools, name) for name in tools.split()},
    }


def or_default(function, *failures):
    def call(value, default=None, **options):
        try:
            return function(value, **options)
        except failures:
            return default

    return call


def zip_or_default(*iterables, default=None):
    try:
        return zip(*iterables)
    except TypeError:
        return default


def functions():
    return {
        "modules": modules(),
        "set": or_default(set, TypeError),
        "set_strict": set,
        "zip": zip_or_default,
        "zip_strict": zip,
        "fromjson": or_default(json.loads, ValueError),
        "tojson": or_default(json.dumps, ValueError),
        "fromyaml": or_default(yaml.safe_load, AttributeError, ValueError, yaml.YAMLError),
        "toyaml": or_default(lambda value, sort_keys=False: yaml.safe_dump(value, sort_keys=sort_keys), ValueError,
                             yaml.YAMLError),
        "local_md5": lambda value: hashlib.md5(value.encode("utf-8")).hexdigest(),
    }


def reference():
    """Jinja2 as dbt sets it up."""
    environment = jinja2.sandbox.SandboxedEnvironment(
        extensions=["jinja2.ext.do", "jinja2.ext.loopcontrols"], loader=jinja2.DictLoader(TEMPLATES)
    )
    for name in ("as_text", "as_bool", "as_native", "as_number"):
        environment.filters[name] = lambda value: value
    environment.filters["is_list"] = lambda value: isinstance(value, list)
    return environment


def rendered_by_jinja2(environment, source):
    try:
        # Each template gets variables of its own: some change them.
        environment.globals.update(functions(), **json.loads(json.dumps(VARIABLES)))
        return {"text": environment.from_string(source).render()}
    except Exception as problem:  # noqa: BLE001 — whatever fails there has to fail here
        return {"error": f"{type(problem).__name__}: {problem}"}


def rendered_by_smelt(sources):
    with tempfile.TemporaryDirectory() as folder:
        cases, results = Path(folder, "cases.json"), Path(folder, "results.json")
        given = {"variables": VARIABLES, "templates": TEMPLATES, "cases": [{"template": source} for source in sources]}
        cases.write_text(json.dumps(given), encoding="utf-8")
        environment = {**os.environ, "SMELT_JINJA_CASES": str(cases), "SMELT_JINJA_RESULTS": str(results)}
        command = [os.environ["SMELT_TRANSFORM_TESTS"], "--gtest_brief=1", "--gtest_filter=ForeignTemplates.*"]
        subprocess.run(command, env=environment, check=True)
        return json.loads(results.read_text(encoding="utf-8"))


ADDRESS = re.compile(r"0x[0-9a-f]+", re.IGNORECASE)


def same(expected, found):
    if "error" in expected or "error" in found:
        return "error" in expected and "error" in found
    return ADDRESS.sub("0x", expected["text"]) == ADDRESS.sub("0x", found["text"])


def written_cases():
    """Templates by hand: one a line, where ¶ stands for a newline; lines that start with ## are headings."""
    lines = (HERE / "jinja_cases.txt").read_text(encoding="utf-8").splitlines()
    return [line.replace("¶", "\n") for line in lines if line and not line.startswith("##")]


class JinjaTest(unittest.TestCase):
    def compare(self, sources):
        environment = reference()
        expected = [rendered_by_jinja2(environment, source) for source in sources]
        found = rendered_by_smelt(sources)
        self.assertEqual(len(found), len(sources))
        different = [case for case in zip(sources, expected, found) if not same(*case[1:])]
        for source, ours, theirs in sorted(different, key=lambda case: len(case[0]))[:SHOWN]:
            print(f"---\n{source}\n  Jinja2: {ours}\n  smelt:  {theirs}")
        self.assertEqual(len(different), 0, f"{len(different)} of {len(sources)} templates differ")
        unplaced = [result["error"] for result in found if "error" in result and not result["placed"]]
        self.assertEqual(unplaced, [], "errors without a line")
        return sum("text" in result for result in expected)

    def test_written_templates(self):
        self.assertGreater(self.compare(written_cases()), 240)

    def test_random_templates(self):
        grammar = Grammar(int(os.environ.get("SMELT_JINJA_SEED", "1")))
        count = int(os.environ.get("SMELT_JINJA_TEMPLATES", "4000"))
        texts = self.compare([grammar.template() for _ in range(count)])
        self.assertGreater(texts, count // 3, "most random templates fail: they prove little")


if __name__ == "__main__":
    unittest.main()
