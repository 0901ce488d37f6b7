#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "base/id.h"
#include "storage/internal/key.h"
#include "storage/internal/s3_answers.h"
#include "storage/internal/s3_client.h"
#include "storage/s3_settings.h"

namespace smelt::storage {
namespace {

using internal::CheckKey;
using internal::CompletionBody;
using internal::ErrorOfAnswer;
using internal::FolderStart;
using internal::IsOfNetwork;
using internal::IsPassing;
using internal::ParseListing;
using internal::ParseUploadId;
using internal::QueryParameters;
using internal::S3Call;
using internal::S3Client;
using internal::S3Listing;

/// Bodies above this go in parts of this size. 10,000 parts, the most that S3 takes, make 160 GB.
constexpr std::size_t kPartBytes = std::size_t{16} << 20;

/// Metadata of an object written by PutIfAbsent: the call that wrote it. It tells an own write whose answer was lost
/// from that of a competitor, even of one with the same bytes.
constexpr char kWriterHeader[] = "x-amz-meta-smelt-writer";

class S3Store final : public ObjectStore {
 public:
  /// `start` is empty or ends in '/'.
  S3Store(S3Settings settings, std::string bucket, std::string start)
      : client_(std::move(settings), std::move(bucket)), start_(std::move(start)) {}

  std::string Address(std::string_view key) const override {
    return fmt::format("s3://{}/{}{}", client_.bucket(), start_, key);
  }

  Result<std::string> Read(std::string_view key) override {
    SMELT_TRY(CheckKey(key));
    SMELT_ASSIGN(HttpResponse response, SendFound(CallOn("GET", key)));
    return std::move(response.body);
  }

  Result<std::string> ReadRange(std::string_view key, std::int64_t offset, std::int64_t bytes) override {
    SMELT_TRY(CheckKey(key));
    if (bytes == 0) return std::string();
    S3Call call = CallOn("GET", key);
    call.headers = {{"Range", fmt::format("bytes={}-{}", offset, offset + bytes - 1)}};
    SMELT_ASSIGN(HttpResponse response, SendFound(call));
    if (static_cast<std::int64_t>(response.body.size()) == bytes) return std::move(response.body);
    return Fail(ErrorCode::kStoreIo, fmt::format("GET {}: {} bytes came instead of {} from byte {}", Address(key),
                                                 response.body.size(), bytes, offset));
  }

  Result<bool> Exists(std::string_view key) override {
    SMELT_ASSIGN(const auto info, Head(key));
    return info.has_value();
  }

  Result<std::optional<ObjectInfo>> Head(std::string_view key) override;
  /// To ask for an ETag costs a request, as reading does.
  std::string Stamp(std::string_view) override { return {}; }
  Result<std::vector<ObjectInfo>> List(std::string_view prefix, std::string_view start_after, bool recursive) override;
  Result<std::vector<std::string>> ListFolders(std::string_view prefix) override;

  /// What a bucket acknowledges is durable.
  Status Sync(const std::vector<std::string>&) override { return {}; }

  Status Put(std::string_view key, std::string_view bytes, Durability) override {
    SMELT_TRY(CheckKey(key));
    if (bytes.size() > kPartBytes) return PutInParts(key, bytes);
    S3Call call = CallOn("PUT", key);
    call.body = bytes;
    SMELT_TRY(SendFound(call));
    return {};
  }

  Result<bool> PutIfAbsent(std::string_view key, std::string_view bytes,
                           const std::vector<std::string>& needed) override;

  Status Delete(std::string_view key) override {
    SMELT_TRY(CheckKey(key));
    SMELT_TRY(client_.Send(CallOn("DELETE", key)));
    return {};
  }

  /// A bucket has no folders that could be left behind.
  Status DeleteFolder(std::string_view prefix) override {
    SMELT_TRY(FolderStart(prefix));
    return {};
  }

 private:
  enum class Writer { kNobody, kSelf, kOther };

  S3Call CallOn(std::string method, std::string_view key) const {
    return {.method = std::move(method), .key = fmt::format("{}{}", start_, key)};
  }

  /// Sends a call that takes a missing object, upload or bucket for an error.
  Result<HttpResponse> SendFound(const S3Call& call) {
    SMELT_ASSIGN(HttpResponse response, client_.Send(call));
    if (response.status == 404) return Fail(ErrorOfAnswer(call, client_.bucket(), response));
    return response;
  }

  /// All pages of a listing, the keys made relative to the store.
  Result<S3Listing> ListAll(const std::string& folder_start, std::string_view start_after, bool recursive);

  Status PutInParts(std::string_view key, std::string_view bytes);
  Status UploadParts(std::string_view key, const std::string& upload_id, std::string_view bytes);

  /// Who wrote the object that stands at `key` now. Asks once: the caller has a loop of its own.
  Result<Writer> WriterOf(std::string_view key, const std::string& writer);

  S3Client client_;
  const std::string start_;
};

Result<std::optional<ObjectInfo>> S3Store::Head(std::string_view key) {
  SMELT_TRY(CheckKey(key));
  SMELT_ASSIGN(const HttpResponse response, client_.Send(CallOn("HEAD", key)));
  if (response.status == 404) return std::nullopt;
  SMELT_ASSIGN(ObjectInfo info, internal::ParseHead(response));
  info.key = key;
  return info;
}

Result<S3Listing> S3Store::ListAll(const std::string& folder_start, std::string_view start_after, bool recursive) {
  S3Call call{.method = "GET", .query = {{"list-type", "2"}, {"prefix", start_ + folder_start}}};
  if (!recursive) call.query["delimiter"] = "/";
  if (!start_after.empty()) call.query["start-after"] = fmt::format("{}{}", start_, start_after);
  S3Listing all;
  do {
    SMELT_ASSIGN(const HttpResponse response, SendFound(call));
    SMELT_ASSIGN(S3Listing page, ParseListing(response.body));
    for (auto& info : page.objects) {
      info.key.erase(0, start_.size());
      all.objects.push_back(std::move(info));
    }
    for (auto& folder : page.folders) all.folders.push_back(folder.substr(start_.size()));
    all.continuation = page.continuation;
    call.query["continuation-token"] = page.continuation;
  } while (!all.continuation.empty());
  return all;
}

Result<std::vector<ObjectInfo>> S3Store::List(std::string_view prefix, std::string_view start_after, bool recursive) {
  SMELT_ASSIGN(const std::string folder_start, FolderStart(prefix));
  SMELT_ASSIGN(S3Listing listing, ListAll(folder_start, start_after, recursive));
  // Some tools mark a folder with an empty object of the same name and '/'; it is no object to us.
  std::erase_if(listing.objects, [&](const ObjectInfo& info) {
    return info.key.ends_with('/') || info.key <= start_after || !info.key.starts_with(folder_start);
  });
  std::ranges::sort(listing.objects, {}, &ObjectInfo::key);
  return std::move(listing.objects);
}

Result<std::vector<std::string>> S3Store::ListFolders(std::string_view prefix) {
  SMELT_ASSIGN(const std::string folder_start, FolderStart(prefix));
  SMELT_ASSIGN(const S3Listing listing, ListAll(folder_start, {}, false));
  std::vector<std::string> names;
  for (const auto& folder : listing.folders) {
    names.push_back(folder.substr(folder_start.size(), folder.size() - folder_start.size() - 1));
  }
  std::ranges::sort(names);
  return names;
}

Result<bool> S3Store::PutIfAbsent(std::string_view key, std::string_view bytes, const std::vector<std::string>&) {
  SMELT_TRY(CheckKey(key));
  const std::string writer = NewUuid();
  S3Call call = CallOn("PUT", key);
  call.body = bytes;
  call.headers = {{"If-None-Match", "*"}, {kWriterHeader, writer}};
  // Whether some attempt may have written the object although its answer did not say so, or may do so even later.
  bool in_doubt = false;
  Error failure(ErrorCode::kStoreIo, "");
  for (int attempt = 1; attempt <= client_.attempts_max(); ++attempt) {
    if (attempt > 1) client_.WaitBefore(attempt, call, failure.message());
    const auto response = client_.SendOnce(call);
    if (response && response->status / 100 == 2) return true;
    failure = response ? ErrorOfAnswer(call, client_.bucket(), *response) : response.error();
    if (!response && failure.code() == ErrorCode::kHttpUnreachable) continue;
    if (!response && !IsOfNetwork(failure.code())) break;
    const bool exists = response && response->status == 412;
    const bool busy = response && response->status == 409;  // another conditional write is under way
    if (response && !exists && !busy && !IsPassing(response->status)) break;
    in_doubt = in_doubt || !busy;
    // Even "exists" may speak of our own write: libcurl repeats a request that a closed idle connection swallowed.
    const auto found = WriterOf(key, writer);
    if (found && *found != Writer::kNobody) return *found == Writer::kSelf;
  }
  if (in_doubt) return Fail(ErrorCode::kStoreUnknown, failure.message());
  const bool refused = failure.code() == ErrorCode::kStoreDenied || failure.code() == ErrorCode::kStoreFull ||
                       failure.code() == ErrorCode::kStoreNotFound;
  return Fail(refused ? failure : Error(ErrorCode::kStoreIo, failure.message()));
}

Result<S3Store::Writer> S3Store::WriterOf(std::string_view key, const std::string& writer) {
  const S3Call call = CallOn("HEAD", key);
  SMELT_ASSIGN(const HttpResponse response, client_.SendOnce(call));
  if (response.status == 404) return Writer::kNobody;
  if (response.status != 200) return Fail(ErrorOfAnswer(call, client_.bucket(), response));
  return response.Header(kWriterHeader) == writer ? Writer::kSelf : Writer::kOther;
}

Status S3Store::PutInParts(std::string_view key, std::string_view bytes) {
  S3Call begin = CallOn("POST", key);
  begin.query = {{"uploads", ""}};
  SMELT_ASSIGN(const HttpResponse begun, SendFound(begin));
  SMELT_ASSIGN(const std::string upload_id, ParseUploadId(begun.body));
  Status put = UploadParts(key, upload_id, bytes);
  if (!put) {
    // Parts of an abandoned upload are kept and charged for. When this fails as well, the first error tells more.
    S3Call abandon = CallOn("DELETE", key);
    abandon.query = {{"uploadId", upload_id}};
    static_cast<void>(client_.SendOnce(abandon));
  }
  return put;
}

Status S3Store::UploadParts(std::string_view key, const std::string& upload_id, std::string_view bytes) {
  std::vector<std::string> etags;
  for (std::size_t begin = 0; begin < bytes.size(); begin += kPartBytes) {
    S3Call part = CallOn("PUT", key);
    part.query = {{"partNumber", std::to_string(etags.size() + 1)}, {"uploadId", upload_id}};
    part.body = bytes.substr(begin, kPartBytes);
    SMELT_ASSIGN(const HttpResponse response, SendFound(part));
    const auto etag = response.Header("etag");
    if (!etag) return Fail(ErrorCode::kStoreIo, fmt::format("PUT {}: the service names no ETag", Address(key)));
    etags.push_back(*etag);
  }
  const std::string completion = CompletionBody(etags);
  S3Call complete = CallOn("POST", key);
  complete.query = {{"uploadId", upload_id}};
  complete.body = completion;
  SMELT_ASSIGN(const HttpResponse completed, SendFound(complete));
  // The service may meet a failure after it has begun to answer 200.
  const auto failure = internal::ParseFailure(completed.body);
  if (failure.code.empty()) return {};
  return Fail(ErrorCode::kStoreIo, fmt::format("PUT {}: {}: {}", Address(key), failure.code, failure.message));
}

}  // namespace

std::unique_ptr<ObjectStore> OpenS3Store(S3Settings settings, std::string bucket, std::string prefix) {
  if (!prefix.empty() && !prefix.ends_with('/')) prefix += '/';
  return std::make_unique<S3Store>(std::move(settings), std::move(bucket), std::move(prefix));
}

}  // namespace smelt::storage
