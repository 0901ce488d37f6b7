"""What the models of the synthetic project cost without any tool: their compiled queries as tables, through DuckDB's package.

Usage: plain_models.py COMPILED DATABASE
Prints the seconds from the connection to the last table as JSON; the start of Python is not in it.
"""

import json
import sys
import time
from pathlib import Path

import duckdb


def main():
    compiled, database = map(Path, sys.argv[1:])
    # A model's parents have smaller numbers than the model.
    queries = {file.stem: file.read_text(encoding="utf-8") for file in sorted(compiled.rglob("model_*.sql"))}
    began = time.perf_counter()
    with duckdb.connect(str(database)) as connection:
        for name, query in queries.items():
            connection.execute(f'create table "{name}" as {query}')
    print(json.dumps({"seconds": time.perf_counter() - began, "models": len(queries)}))


if __name__ == "__main__":
    main()
