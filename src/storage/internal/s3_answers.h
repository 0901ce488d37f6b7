#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "base/http.h"
#include "storage/object_store.h"
#include "storage/s3_keys.h"

namespace smelt::storage::internal {

/// The reason that an S3 service gives in the body of a refusal; empty where it gives none.
struct S3Failure {
  std::string code;
  std::string message;
};
S3Failure ParseFailure(const std::string& body);

/// The same of the token service, which words it otherwise.
S3Failure ParseTokenFailure(const std::string& body);

/// The keys that the token service gives for a role. Errors: kStoreIo when the body holds none.
Result<S3Keys> ParseRoleKeys(const std::string& body);

/// Size and time of an object from the headers of a HEAD; the key stays empty. Errors: kStoreIo.
Result<ObjectInfo> ParseHead(const HttpResponse& response);

/// One page of ListObjectsV2. Keys are those of the bucket. Times are whole seconds: HEAD knows no finer ones, and an
/// object must not seem to have two.
struct S3Listing {
  std::vector<ObjectInfo> objects;
  std::vector<std::string> folders;  ///< common prefixes, each with its '/' at the end
  std::string continuation;          ///< for the next page; empty on the last
};
/// Errors: kStoreIo when the body is no listing.
Result<S3Listing> ParseListing(const std::string& body);

/// The id of a multipart upload from the answer to its creation. Errors: kStoreIo.
Result<std::string> ParseUploadId(const std::string& body);

/// The body that completes a multipart upload of parts 1, 2, … with these ETags.
std::string CompletionBody(const std::vector<std::string>& etags);

}  // namespace smelt::storage::internal
