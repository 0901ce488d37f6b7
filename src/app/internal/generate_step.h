#pragma once

#include <stop_token>

#include "base/progress.h"
#include "generate/data_set.h"
#include "generate/olist.h"

namespace smelt::app {

/// Generates the Olist data set as a step of a run that `observer` watches.
/// Errors: those of GenerateOlist.
Result<generate::GenerateReport> GenerateAsStep(const generate::OlistOptions& options, RunObserver& observer,
                                                std::stop_token stop);

/// The same of a described data set. Errors: those of GenerateDataSet.
Result<generate::GenerateReport> GenerateAsStep(const generate::DataSetOptions& options, RunObserver& observer,
                                                std::stop_token stop);

}  // namespace smelt::app
