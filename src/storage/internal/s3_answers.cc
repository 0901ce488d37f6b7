#include "storage/internal/s3_answers.h"

#include <fmt/format.h>

#include <charconv>
#include <ctime>
#include <pugixml.hpp>
#include <sstream>

#include "base/clock.h"

namespace smelt::storage::internal {
namespace {

/// Parses a body whose root element must have this name.
Result<pugi::xml_document> ParseBody(const std::string& body, const char* root) {
  pugi::xml_document document;
  const pugi::xml_parse_result parsed = document.load_buffer(body.data(), body.size());
  if (parsed && document.child(root)) return document;
  return Fail(ErrorCode::kStoreIo, fmt::format("the S3 service answered something that is not a {}", root));
}

Result<std::int64_t> ParseBytes(std::string_view text) {
  std::int64_t bytes = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), bytes);
  if (error == std::errc() && end == text.data() + text.size() && bytes >= 0) return bytes;
  return Fail(ErrorCode::kStoreIo, fmt::format("the S3 service tells '{}' as the size of an object", text));
}

Result<ObjectInfo> ParseObject(const pugi::xml_node& node) {
  ObjectInfo info{.key = node.child_value("Key")};
  if (info.key.empty()) return Fail(ErrorCode::kStoreIo, "the S3 service lists an object without its key");
  SMELT_ASSIGN(info.bytes, ParseBytes(node.child_value("Size")));
  const auto modified_micros = ParseTimestampMicros(node.child_value("LastModified"));
  if (!modified_micros) return Fail(ErrorCode::kStoreIo, fmt::format("the S3 service tells no time of {}", info.key));
  info.modified_ms = *modified_micros / 1'000'000 * 1'000;
  info.tag = node.child_value("ETag");
  return info;
}

}  // namespace

S3Failure ParseFailure(const std::string& body) {
  const auto document = ParseBody(body, "Error");
  if (!document) return {};
  const pugi::xml_node error = document->child("Error");
  return {error.child_value("Code"), error.child_value("Message")};
}

S3Failure ParseTokenFailure(const std::string& body) {
  const auto document = ParseBody(body, "ErrorResponse");
  if (!document) return {};
  const pugi::xml_node error = document->child("ErrorResponse").child("Error");
  return {error.child_value("Code"), error.child_value("Message")};
}

Result<S3Keys> ParseRoleKeys(const std::string& body) {
  SMELT_ASSIGN(const pugi::xml_document document, ParseBody(body, "AssumeRoleWithWebIdentityResponse"));
  const pugi::xml_node node =
      document.child("AssumeRoleWithWebIdentityResponse").child("AssumeRoleWithWebIdentityResult").child("Credentials");
  S3Keys keys{.access_key = node.child_value("AccessKeyId"),
              .secret_key = Secret(node.child_value("SecretAccessKey")),
              .session_token = Secret(node.child_value("SessionToken"))};
  const auto expires_micros = ParseTimestampMicros(node.child_value("Expiration"));
  if (keys.access_key.empty() || keys.secret_key.empty() || !expires_micros) {
    return Fail(ErrorCode::kStoreIo, "the token service answered without keys");
  }
  keys.expires_ms = *expires_micros / 1'000;
  return keys;
}

Result<ObjectInfo> ParseHead(const HttpResponse& response) {
  ObjectInfo info;
  SMELT_ASSIGN(info.bytes, ParseBytes(response.Header("content-length").value_or("")));
  const std::string modified = response.Header("last-modified").value_or("");
  const auto seconds = ParseHttpDate(modified);
  if (!seconds) {
    return Fail(ErrorCode::kStoreIo, fmt::format("the S3 service tells '{}' as the time of an object", modified));
  }
  info.modified_ms = *seconds * 1'000;
  info.tag = response.Header("etag").value_or("");
  return info;
}

Result<S3Listing> ParseListing(const std::string& body) {
  SMELT_ASSIGN(const auto document, ParseBody(body, "ListBucketResult"));
  const pugi::xml_node root = document.child("ListBucketResult");
  S3Listing listing;
  for (const auto& node : root.children("Contents")) {
    SMELT_ASSIGN(ObjectInfo info, ParseObject(node));
    listing.objects.push_back(std::move(info));
  }
  for (const auto& node : root.children("CommonPrefixes")) listing.folders.emplace_back(node.child_value("Prefix"));
  if (std::string_view(root.child_value("IsTruncated")) == "true") {
    listing.continuation = root.child_value("NextContinuationToken");
    if (listing.continuation.empty()) {
      return Fail(ErrorCode::kStoreIo, "the S3 service cut a listing short without saying where to go on");
    }
  }
  return listing;
}

Result<std::string> ParseUploadId(const std::string& body) {
  SMELT_ASSIGN(const auto document, ParseBody(body, "InitiateMultipartUploadResult"));
  std::string id = document.child("InitiateMultipartUploadResult").child_value("UploadId");
  if (id.empty()) return Fail(ErrorCode::kStoreIo, "the S3 service began an upload without an id");
  return id;
}

std::string CompletionBody(const std::vector<std::string>& etags) {
  pugi::xml_document document;
  pugi::xml_node root = document.append_child("CompleteMultipartUpload");
  for (std::size_t i = 0; i < etags.size(); ++i) {
    pugi::xml_node part = root.append_child("Part");
    part.append_child("PartNumber").text().set(static_cast<unsigned>(i + 1));
    part.append_child("ETag").text().set(etags[i].c_str());
  }
  std::ostringstream text;
  document.save(text, "", pugi::format_raw);
  return text.str();
}

}  // namespace smelt::storage::internal
