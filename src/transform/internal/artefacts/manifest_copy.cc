#include "transform/internal/artefacts/manifest_copy.h"

#include <algorithm>
#include <utility>

namespace smelt::transform {
namespace {

/// A line or two more of a model.
constexpr std::int64_t kRoom = 512;

std::int64_t SizeOf(const std::string& text) {
  return static_cast<std::int64_t>(text.size());
}

}  // namespace

ManifestCopy::ManifestCopy(std::string path, std::string from, std::int64_t size, FileWriter file)
    : path_(std::move(path)), from_(std::move(from)), size_(size), file_(std::move(file)) {}

Result<ManifestCopy> ManifestCopy::Make(const std::string& path, const std::string& from, std::int64_t size,
                                        std::vector<TextSpan> spans) {
  SMELT_ASSIGN(FileWriter file, FileWriter::Create(path));
  ManifestCopy copy(path, from, size, std::move(file));
  std::vector<std::int64_t> sizes;
  for (const TextSpan& span : spans) sizes.push_back(span.size + kRoom);
  SMELT_TRY(copy.Copy(spans, sizes));
  copy.spans_ = std::move(spans);
  copy.file_.BeginFlush();
  return copy;
}

Status ManifestCopy::Copy(const std::vector<TextSpan>& spans, const std::vector<std::int64_t>& sizes) {
  std::int64_t done = 0;
  for (std::size_t i = 0; i < spans.size(); ++i) {
    SMELT_TRY(file_.AppendFrom(from_, done, spans[i].begin - done));
    places_.push_back({file_.size(), sizes[i]});
    SMELT_TRY(file_.Append(std::string(static_cast<std::size_t>(sizes[i]), ' ')));
    done = spans[i].end();
  }
  return file_.AppendFrom(from_, done, size_ - done);
}

Status ManifestCopy::Finish(const std::vector<std::string>& texts) && {
  SMELT_ASSERT(texts.size() == places_.size());
  const auto fits = [](const std::string& text, const TextSpan& place) { return SizeOf(text) <= place.size; };
  if (!std::ranges::equal(texts, places_, fits)) {
    SMELT_ASSIGN(FileWriter file, FileWriter::Create(path_));
    ManifestCopy wide(path_, from_, size_, std::move(file));
    std::vector<std::int64_t> sizes;
    std::ranges::transform(texts, std::back_inserter(sizes), SizeOf);
    SMELT_TRY(wide.Copy(spans_, sizes));
    return std::move(wide).Finish(texts);
  }
  for (std::size_t i = 0; i < texts.size(); ++i) SMELT_TRY(file_.Overwrite(places_[i].begin, texts[i]));
  return file_.Finish();
}

}  // namespace smelt::transform
