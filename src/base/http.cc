#include "base/http.h"

#include <fmt/format.h>

#include <ctime>
#include <iomanip>
#include <locale>
#include <mutex>
#include <sstream>

#include "base/ascii.h"
#include "base/internal/curl_library.h"
#include "base/version.h"

namespace smelt {
namespace {

/// The library, within a request: one was begun, so that there is one.
const internal::CurlLibrary& Curl() {
  return *internal::LoadCurl();
}

struct HandleDeleter {
  void operator()(CURL* handle) const { Curl().easy_cleanup(handle); }
};
using Handle = std::unique_ptr<CURL, HandleDeleter>;

/// A list of header lines in libcurl's form.
class HeaderList {
 public:
  HeaderList() = default;
  HeaderList(const HeaderList&) = delete;
  HeaderList& operator=(const HeaderList&) = delete;
  ~HeaderList() { Curl().slist_free_all(list_); }
  void Add(const std::string& line) {
    curl_slist* longer = Curl().slist_append(list_, line.c_str());
    SMELT_ASSERT(longer != nullptr);
    list_ = longer;
  }
  curl_slist* get() const { return list_; }

 private:
  curl_slist* list_ = nullptr;
};

std::size_t TakeBody(char* data, std::size_t, std::size_t count, void* target) {
  static_cast<HttpResponse*>(target)->body.append(data, count);
  return count;
}

std::size_t TakeHeader(char* data, std::size_t, std::size_t count, void* target) {
  auto& headers = static_cast<HttpResponse*>(target)->headers;
  const std::string_view line(data, count);
  // A status line begins the headers of another answer; those of an interim one (100 Continue) are void.
  if (line.starts_with("HTTP/")) headers.clear();
  const auto colon = line.find(':');
  if (colon == std::string_view::npos) return count;
  std::string name = LowerAscii(line.substr(0, colon));
  const auto begin = line.find_first_not_of(" \t", colon + 1);
  const auto end = line.find_last_not_of(" \t\r\n") + 1;
  headers.emplace_back(std::move(name), begin < end ? std::string(line.substr(begin, end - begin)) : "");
  return count;
}

int StopWhenAsked(void* request, curl_off_t, curl_off_t, curl_off_t, curl_off_t) {
  return static_cast<const HttpRequest*>(request)->stop.stop_requested() ? 1 : 0;
}

void SetBody(CURL* handle, const HttpRequest& request) {
  if (request.method == "HEAD") {
    Curl().easy_setopt(handle, CURLOPT_NOBODY, 1L);
    return;
  }
  if (request.method == "PUT" || request.method == "POST" || !request.body.empty()) {
    Curl().easy_setopt(handle, CURLOPT_POSTFIELDS, request.body.empty() ? "" : request.body.data());
    Curl().easy_setopt(handle, CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(request.body.size()));
  }
  Curl().easy_setopt(handle, CURLOPT_CUSTOMREQUEST, request.method.c_str());
}

void SetSignature(CURL* handle, const AwsSignature& signature) {
  Curl().easy_setopt(handle, CURLOPT_AWS_SIGV4,
                     fmt::format("aws:amz:{}:{}", signature.region, signature.service).c_str());
  Curl().easy_setopt(handle, CURLOPT_USERNAME, signature.access_key.c_str());
  Curl().easy_setopt(handle, CURLOPT_PASSWORD, signature.secret_key.Reveal().c_str());
}

void SetLimits(CURL* handle, const HttpRequest& request) {
  Curl().easy_setopt(handle, CURLOPT_CONNECTTIMEOUT_MS, static_cast<long>(request.connect_timeout_ms));
  Curl().easy_setopt(handle, CURLOPT_TIMEOUT_MS, static_cast<long>(request.timeout_ms));
  Curl().easy_setopt(handle, CURLOPT_LOW_SPEED_LIMIT, 1L);
  Curl().easy_setopt(handle, CURLOPT_LOW_SPEED_TIME, static_cast<long>((request.stall_timeout_ms + 999) / 1000));
  Curl().easy_setopt(handle, CURLOPT_NOPROGRESS, 0L);
  Curl().easy_setopt(handle, CURLOPT_XFERINFOFUNCTION, StopWhenAsked);
  Curl().easy_setopt(handle, CURLOPT_XFERINFODATA, &request);
}

/// The address without its query, which may hold what a log should not.
std::string_view WithoutQuery(std::string_view url) {
  return url.substr(0, url.find('?'));
}

Error TransferError(CURL* handle, CURLcode code, const HttpRequest& request, const char* details) {
  const std::string reason = details[0] != '\0' ? details : Curl().easy_strerror(code);
  const std::string message = fmt::format("{} {}: {}", request.method, WithoutQuery(request.url), reason);
  if (code == CURLE_ABORTED_BY_CALLBACK) return Error(ErrorCode::kCancelled, message);
  curl_off_t before_sending = 0;
  Curl().easy_getinfo(handle, CURLINFO_PRETRANSFER_TIME_T, &before_sending);
  return Error(before_sending == 0 ? ErrorCode::kHttpUnreachable : ErrorCode::kHttpInterrupted, message);
}

}  // namespace

/// Idle handles with their open connections.
class HttpClient::Pool {
 public:
  Handle Take() {
    const std::lock_guard lock(mutex_);
    if (idle_.empty()) return Handle(Curl().easy_init());
    Handle handle = std::move(idle_.back());
    idle_.pop_back();
    return handle;
  }

  void Return(Handle handle) {
    Curl().easy_reset(handle.get());
    const std::lock_guard lock(mutex_);
    if (idle_.size() < kIdleMax) idle_.push_back(std::move(handle));
  }

 private:
  static constexpr std::size_t kIdleMax = 16;
  std::mutex mutex_;
  std::vector<Handle> idle_;
};

std::optional<std::string> HttpResponse::Header(std::string_view name) const {
  for (const auto& [header, value] : headers) {
    if (header == name) return value;
  }
  return std::nullopt;
}

HttpClient::HttpClient() : pool_(std::make_unique<Pool>()) {}
HttpClient::~HttpClient() = default;

Result<HttpResponse> HttpClient::Send(const HttpRequest& request) {
  if (internal::LoadCurl() == nullptr) {
    return Fail(
        Error(ErrorCode::kHttpUnreachable, "this machine has no libcurl.so.4").Hint("install libcurl 7.85 or newer"));
  }
  Handle handle = pool_->Take();
  if (handle == nullptr) return Fail(ErrorCode::kHttpUnreachable, "libcurl cannot be started");
  CURL* curl = handle.get();
  HttpResponse response;
  char details[CURL_ERROR_SIZE] = "";
  HeaderList headers;
  for (const auto& [name, value] : request.headers) headers.Add(fmt::format("{}: {}", name, value));

  Curl().easy_setopt(curl, CURLOPT_URL, request.url.c_str());
  Curl().easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "http,https");
  Curl().easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
  Curl().easy_setopt(curl, CURLOPT_USERAGENT, fmt::format("smelt/{}", kSmeltVersion).c_str());
  Curl().easy_setopt(curl, CURLOPT_HTTPHEADER, headers.get());
  Curl().easy_setopt(curl, CURLOPT_ERRORBUFFER, details);
  Curl().easy_setopt(curl, CURLOPT_WRITEFUNCTION, TakeBody);
  Curl().easy_setopt(curl, CURLOPT_WRITEDATA, &response);
  Curl().easy_setopt(curl, CURLOPT_HEADERFUNCTION, TakeHeader);
  Curl().easy_setopt(curl, CURLOPT_HEADERDATA, &response);
  SetBody(curl, request);
  SetLimits(curl, request);
  if (request.signature) SetSignature(curl, *request.signature);

  const CURLcode code = Curl().easy_perform(curl);
  // A handle that failed is not used again: its connection is in doubt.
  if (code != CURLE_OK) return Fail(TransferError(curl, code, request, details));
  long status = 0;
  Curl().easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &status);
  response.status = static_cast<int>(status);
  pool_->Return(std::move(handle));
  return response;
}

std::optional<std::int64_t> ParseHttpDate(std::string_view text) {
  if (!text.ends_with(" GMT")) return std::nullopt;
  std::tm time = {};
  std::istringstream in{std::string(text)};
  in.imbue(std::locale::classic());
  in >> std::get_time(&time, "%a, %d %b %Y %H:%M:%S GMT");
  if (in.fail() || in.peek() != std::istringstream::traits_type::eof()) return std::nullopt;
  return timegm(&time);
}

std::string PercentEncode(std::string_view text, std::string_view keep) {
  std::string encoded;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    const bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
    const bool unreserved = letter || c == '-' || c == '_' || c == '.' || c == '~';
    if (unreserved || keep.find(c) != std::string_view::npos) {
      encoded += c;
    } else {
      fmt::format_to(std::back_inserter(encoded), "%{:02X}", byte);
    }
  }
  return encoded;
}

}  // namespace smelt
