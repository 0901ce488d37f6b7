#pragma once

#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "base/error.h"
#include "transform/invoke.h"
#include "transform/metrics.h"

namespace smelt::transform {

struct FileStamp;

/// The semantic layer of a project whose files may change meanwhile. Thread-safe.
class LiveSemanticLayer {
 public:
  /// Loads nothing yet.
  explicit LiveSemanticLayer(InvokeOptions options);
  ~LiveSemanticLayer();
  LiveSemanticLayer(const LiveSemanticLayer&) = delete;
  LiveSemanticLayer& operator=(const LiveSemanticLayer&) = delete;

  /// The layer as the project's files say; they are looked at once a second at most, and read when one has changed.
  /// Errors: those of SemanticLayer::Load, until the files are right again.
  Result<std::shared_ptr<const SemanticLayer>> Current();

 private:
  Result<std::vector<FileStamp>> Stamps() const;

  const InvokeOptions options_;
  std::mutex mutex_;
  std::optional<Result<std::shared_ptr<const SemanticLayer>>> layer_;
  std::vector<FileStamp> stamps_;  ///< of what `layer_` was read from
  double looked_at_s_ = 0;
};

}  // namespace smelt::transform
