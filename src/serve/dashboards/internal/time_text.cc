#include "serve/dashboards/internal/time_text.h"

#include "base/clock.h"

namespace smelt::serve::internal {

std::string MillisText(std::int64_t since_epoch_ms) {
  constexpr std::int64_t kMicros = 1000;
  std::string text = FormatUtcMicros(since_epoch_ms * kMicros);
  constexpr std::size_t kMicroDigitsAndZone = 4;
  text.resize(text.size() - kMicroDigitsAndZone);
  return text + "Z";
}

}  // namespace smelt::serve::internal
