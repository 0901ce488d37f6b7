#include "state/alert_records.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace smelt::state {
namespace {

constexpr std::array<std::string_view, 3> kIncidentTexts = {"open", "acknowledged", "resolved"};
constexpr std::array<std::string_view, 5> kDeliveryTexts = {"pending", "sending", "sent", "dead", "dropped"};

template <typename Status, std::size_t kCount>
Result<Status> Parse(const std::array<std::string_view, kCount>& texts, std::string_view text, std::string_view what) {
  const auto found = std::ranges::find(texts, text);
  if (found != texts.end()) return static_cast<Status>(found - texts.begin());
  return Fail(ErrorCode::kStateDamaged, fmt::format("the state database holds the {} status '{}'", what, text));
}

}  // namespace

std::string_view IncidentStatusText(IncidentStatus status) {
  return kIncidentTexts.at(static_cast<std::size_t>(status));
}

std::string_view DeliveryStatusText(DeliveryStatus status) {
  return kDeliveryTexts.at(static_cast<std::size_t>(status));
}

Result<IncidentStatus> ParseIncidentStatus(std::string_view text) {
  return Parse<IncidentStatus>(kIncidentTexts, text, "incident");
}

Result<DeliveryStatus> ParseDeliveryStatus(std::string_view text) {
  return Parse<DeliveryStatus>(kDeliveryTexts, text, "delivery");
}

}  // namespace smelt::state
