#include "app/internal/prices.h"

namespace smelt::app {
namespace {

constexpr double kGigabyte = 1e9;
constexpr double kHourSeconds = 3'600;

Status ReadPrice(const ConfigNode& node, const char* key, double& price) {
  const auto value = node.Find(key);
  if (!value) return {};
  SMELT_ASSIGN(price, value->AsDouble());
  if (price >= 0) return {};
  return Fail(
      value->ErrorHere(ErrorCode::kConfigValueInvalid, "a price is not negative").Hint("write 0 or more, like 0.05"));
}

}  // namespace

double Prices::Of(const Usage& usage) const {
  return usage.cpu_seconds / kHourSeconds * cpu_hour + static_cast<double>(usage.bytes_read) / kGigabyte * read_gb +
         static_cast<double>(usage.bytes_written) / kGigabyte * written_gb;
}

double Prices::OfStorage(std::int64_t bytes) const {
  return static_cast<double>(bytes) / kGigabyte * stored_gb_month;
}

std::string Money(double amount, const Prices& prices) {
  constexpr double kWhole = 1;
  return fmt::format("{:.{}f} {}", amount, amount >= kWhole ? 2 : 6, prices.currency);
}

Result<Prices> ParsePrices(const ConfigNode& node) {
  SMELT_TRY(node.AllowKeys({"currency", "cpu_hour", "read_gb", "written_gb", "stored_gb_month"}));
  Prices prices;
  SMELT_ASSIGN(const ConfigNode currency, node.Require("currency"));
  SMELT_ASSIGN(prices.currency, currency.AsString());
  if (prices.currency.empty()) {
    return Fail(currency.ErrorHere(ErrorCode::kConfigValueInvalid, "the currency has no name").Hint("write EUR, say"));
  }
  SMELT_TRY(ReadPrice(node, "cpu_hour", prices.cpu_hour));
  SMELT_TRY(ReadPrice(node, "read_gb", prices.read_gb));
  SMELT_TRY(ReadPrice(node, "written_gb", prices.written_gb));
  SMELT_TRY(ReadPrice(node, "stored_gb_month", prices.stored_gb_month));
  if (prices.known() && node.keys().size() == 1) {
    return Fail(node.ErrorHere(ErrorCode::kConfigKeyMissing, "'costs' has a currency and no price")
                    .Hint("add cpu_hour, read_gb, written_gb or stored_gb_month"));
  }
  return prices;
}

}  // namespace smelt::app
