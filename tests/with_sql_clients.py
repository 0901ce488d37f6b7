"""Runs a Python script beside the clients of PostgreSQL that the package registries have.

Usage: with_sql_clients.py SCRIPT [ARGUMENT...]
Those of Python are in a virtual environment; the script finds PostgreSQL's JDBC driver at $SMELT_JDBC_JAR, and in
$SMELT_NODE_CLIENTS the folder with node-postgres. All are kept under .cache, by the lists in services/clients. psql and the
ODBC driver are packages of Debian, which tools/setup installs. Where they cannot be had, the exit code is 77, which ctest
takes for "skipped"; in continuous integration that is a failure.
"""

import os
import shutil
import subprocess
import sys

from with_peers import TESTS, environment, give_up, made_once

CLIENTS = TESTS / "services/clients"

def check_programs():
    for program, package in (("psql", "postgresql-client-15"), ("java", "openjdk-17-jre-headless"), ("mvn", "maven"), ("npm", "npm")):
        if not shutil.which(program):
            give_up(f"{program} is missing: apt install {package}, or make test-setup")


def jdbc_jar():
    """PostgreSQL's JDBC driver, which is fetched at the first call; Maven compares its checksum."""
    with made_once("jdbc", CLIENTS / "jdbc.xml") as (folder, wanted):
        if wanted:
            folder.mkdir()
            goal = "org.apache.maven.plugins:maven-dependency-plugin:3.6.1:copy-dependencies"
            maven = ["mvn", "--batch-mode", "--quiet", "--strict-checksums", "--file", CLIENTS / "jdbc.xml", goal]
            only = ["-DincludeArtifactIds=postgresql", f"-DoutputDirectory={folder}"]
            subprocess.run([*maven, *only], check=True, stdin=subprocess.DEVNULL)
    return next(folder.glob("postgresql-*.jar"))


def node_clients():
    """A folder with node-postgres, of the versions and sums in package-lock.json."""
    lists = [CLIENTS / "package.json", CLIENTS / "package-lock.json"]
    with made_once("node-clients", *lists) as (folder, wanted):
        if wanted:
            folder.mkdir()
            for path in lists:
                shutil.copy(path, folder)
            subprocess.run(["npm", "ci", "--silent"], cwd=folder, check=True, stdin=subprocess.DEVNULL)
    return folder


def main():
    check_programs()
    try:
        python = environment(CLIENTS / "requirements.txt", "sql-clients")
        os.environ["SMELT_JDBC_JAR"] = str(jdbc_jar())
        os.environ["SMELT_NODE_CLIENTS"] = str(node_clients())
    except subprocess.CalledProcessError as problem:
        give_up(f"the clients could not be installed: {problem}")
    os.execv(python, [str(python), *sys.argv[1:]])


if __name__ == "__main__":
    main()
