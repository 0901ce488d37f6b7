#pragma once

#include <cstdint>
#include <string>

#include "base/config.h"
#include "base/error.h"
#include "base/usage.h"

namespace smelt::app {

/// What usage costs, from `costs` in smelt.yml. Gigabytes are of 10^9 bytes, months of 30 days.
struct Prices {
  std::string currency;  ///< "EUR"; empty: no prices are known
  double cpu_hour = 0;
  double read_gb = 0, written_gb = 0;
  double stored_gb_month = 0;

  bool known() const { return !currency.empty(); }
  double Of(const Usage& usage) const;
  /// What it costs to keep so many bytes for a month.
  double OfStorage(std::int64_t bytes) const;
};

/// "0.0123 EUR": enough figures for what one small model costs.
std::string Money(double amount, const Prices& prices);

/// Reads `costs`. Errors: kConfig… with file and line.
Result<Prices> ParsePrices(const ConfigNode& node);

}  // namespace smelt::app
