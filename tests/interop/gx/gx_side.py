"""What Great Expectations says of a suite on a table in memory."""

import os
import warnings

os.environ.setdefault("GX_ANALYTICS_ENABLED", "false")

import great_expectations as gx  # noqa: E402  (reads the setting above)


class GxSide:
    """A context in memory with a batch for each table."""

    def __init__(self):
        warnings.simplefilter("ignore")
        self.context = gx.get_context(mode="ephemeral")
        self.context.variables.progress_bars = {"globally": False}
        self.source = self.context.data_sources.add_pandas("pandas")
        self.batches = {}

    def batch(self, name, table):
        if name not in self.batches:
            whole = self.source.add_dataframe_asset(name).add_batch_definition_whole_dataframe("all")
            self.batches[name] = whole.get_batch({"dataframe": table.to_pandas()})
        return self.batches[name]

    def validate(self, name, table, suite, result_format, parameters=None):
        """The results by the number that each expectation carries in its meta."""
        batch = self.batch(name, table)
        outcome = batch.validate(gx.ExpectationSuite(**suite), result_format=result_format, expectation_parameters=parameters)
        return {one["expectation_config"]["meta"]["case"]: one for one in outcome.to_json_dict()["results"]}
