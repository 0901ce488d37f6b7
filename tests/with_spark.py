"""Runs a Python script with Spark and Delta Lake, the reference implementation; both are kept under .cache.

Usage: with_spark.py SCRIPT [ARGUMENT...]
Spark comes from PyPI (interop/spark_requirements.txt), the jars of Delta Lake from Maven (interop/spark_jars.xml); the
script finds their paths in $SMELT_SPARK_JARS. Where they cannot be had (no Java 17, no Maven, no network), the exit code
is 77, which ctest takes for "skipped"; in continuous integration that is a failure.
"""

import os
import re
import shutil
import subprocess
import sys

from with_peers import TESTS, environment, give_up, made_once

REQUIREMENTS = TESTS / "interop/spark_requirements.txt"
JARS = TESTS / "interop/spark_jars.xml"
JAVA_MIN = 17


def check_java():
    for program in ("java", "mvn"):
        if not shutil.which(program):
            give_up(f"{program} is missing: apt install openjdk-17-jre-headless maven")
    version = subprocess.run(["java", "-version"], capture_output=True, text=True, check=True).stderr
    found = re.search(r'version "(\d+)', version)
    if not found or int(found[1]) < JAVA_MIN:
        give_up(f"Spark needs Java {JAVA_MIN} or newer: apt install openjdk-17-jre-headless")


def delta_jars():
    """The jars, which are fetched at the first call."""
    with made_once("spark-jars", JARS) as (folder, wanted):
        if wanted:
            folder.mkdir()
            goal = "org.apache.maven.plugins:maven-dependency-plugin:3.6.1:copy-dependencies"
            groups = "-DincludeGroupIds=io.delta,io.unitycatalog"
            maven = ["mvn", "--batch-mode", "--quiet", "--file", JARS, goal, "-DincludeScope=runtime", groups]
            subprocess.run([*maven, f"-DoutputDirectory={folder}"], check=True, stdin=subprocess.DEVNULL)
    return sorted(folder.glob("*.jar"))


def main():
    check_java()
    try:
        python, jars = environment(REQUIREMENTS, "spark"), delta_jars()
    except subprocess.CalledProcessError as problem:
        give_up(f"Spark could not be installed: {problem}")
    os.environ["SMELT_SPARK_JARS"] = ",".join(map(str, jars))
    os.execv(python, [str(python), *sys.argv[1:]])


if __name__ == "__main__":
    main()
