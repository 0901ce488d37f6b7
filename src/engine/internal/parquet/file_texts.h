#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <optional>

#include "delta/statistics_text.h"
#include "engine/internal/parquet/local_file.h"

namespace smelt::engine::parquet {

/// Texts that stay in a local Parquet file, which is held open: whoever deletes it takes nothing away. They are read
/// many at a time, and gone over in the file's order best. Thread-safe.
class FileTexts final : public delta::TextSource {
 public:
  /// Null when as many files are held as may be: a program can have only so many open.
  static std::shared_ptr<const FileTexts> Hold(std::shared_ptr<const LocalFile> file);

  ~FileTexts() override;
  FileTexts(const FileTexts&) = delete;

  std::optional<delta::SharedText> Read(std::uint64_t offset, std::uint32_t size) const override;

 private:
  explicit FileTexts(std::shared_ptr<const LocalFile> file);

  std::shared_ptr<const LocalFile> file_;
  std::uint64_t id_;  ///< never given again in the process
  mutable std::atomic<bool> told_ = false;
};

}  // namespace smelt::engine::parquet
