"""Great Expectations on a table in memory: prints the seconds of the import, the loading and the validation, as JSON.

Usage: gx_suite.py DATA.parquet SUITE.json
"""

import json
import os
import sys
import time
import warnings
from pathlib import Path

os.environ["GX_ANALYTICS_ENABLED"] = "false"
warnings.simplefilter("ignore")


def main():
    began = time.perf_counter()
    import great_expectations
    import pandas

    imported = time.perf_counter()
    frame = pandas.read_parquet(sys.argv[1])
    loaded = time.perf_counter()
    context = great_expectations.get_context(mode="ephemeral")
    context.variables.progress_bars = {"globally": False}
    asset = context.data_sources.add_pandas("pandas").add_dataframe_asset("orders")
    batch = asset.add_batch_definition_whole_dataframe("all").get_batch({"dataframe": frame})
    suite = great_expectations.ExpectationSuite(**json.loads(Path(sys.argv[2]).read_text(encoding="utf-8")))
    ready = time.perf_counter()
    result = batch.validate(suite, result_format="SUMMARY")
    done = time.perf_counter()
    verdicts = sorted((one.expectation_config.type, str(one.success)) for one in result.results)
    seconds = {"import": imported - began, "load": loaded - imported, "prepare": ready - loaded, "validate": done - ready}
    print(json.dumps({"seconds": seconds, "verdicts": verdicts}))


if __name__ == "__main__":
    main()
