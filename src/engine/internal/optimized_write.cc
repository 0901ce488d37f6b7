#include "engine/internal/optimized_write.h"

#include <map>
#include <utility>

namespace smelt::engine {
namespace {

struct Candidate {
  LiveFile file;
  bool is_touched = false;

  /// The size that its rows will have, as far as that can be told.
  std::int64_t Bytes() const {
    const std::int64_t whole = file.file->add().size_bytes;
    const auto rows = file.file->rows();
    const auto live = file.live_rows();
    if (!rows || !live || *rows <= 0) return whole;
    return static_cast<std::int64_t>(static_cast<double>(whole) * static_cast<double>(*live) /
                                     static_cast<double>(*rows));
  }
};

/// A bin in the making.
class Packer {
 public:
  Packer(std::int64_t target_bytes, std::vector<WriteBin>& bins, std::vector<LiveFile>& kept)
      : target_bytes_(target_bytes), bins_(bins), kept_(kept) {}

  void Add(Candidate candidate) {
    const std::int64_t bytes = candidate.Bytes();
    if (!open_.empty() && bytes_ + bytes > target_bytes_) Close();
    bytes_ += bytes;
    is_touched_ |= candidate.is_touched;
    open_.push_back(std::move(candidate.file));
  }

  void Close() {
    const bool is_rewritten = is_touched_ || open_.size() > 1;
    if (is_rewritten) {
      bins_.push_back(std::move(open_));
    } else {
      kept_.insert(kept_.end(), open_.begin(), open_.end());
    }
    open_.clear();
    bytes_ = 0;
    is_touched_ = false;
  }

 private:
  std::int64_t target_bytes_;
  std::vector<WriteBin>& bins_;
  std::vector<LiveFile>& kept_;
  WriteBin open_;
  std::int64_t bytes_ = 0;
  bool is_touched_ = false;
};

}  // namespace

std::vector<WriteBin> PackWrites(std::vector<LiveFile> touched, std::vector<LiveFile>& fresh,
                                 std::int64_t target_bytes) {
  std::map<delta::PartitionValues, std::vector<Candidate>> partitions;
  const auto sort = [&](std::vector<LiveFile>& files, bool is_touched) {
    for (LiveFile& live : files) {
      partitions[live.file->add().partition_values].push_back({std::move(live), is_touched});
    }
    files.clear();
  };
  sort(touched, true);
  sort(fresh, false);
  std::vector<WriteBin> bins;
  Packer packer(target_bytes, bins, fresh);
  for (auto& [partition, candidates] : partitions) {
    for (Candidate& candidate : candidates) packer.Add(std::move(candidate));
    packer.Close();
  }
  return bins;
}

}  // namespace smelt::engine
