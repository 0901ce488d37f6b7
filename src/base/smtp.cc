#include "base/smtp.h"

#include <curl/curl.h>
#include <fmt/format.h>

#include <algorithm>
#include <cstring>
#include <memory>

#include "base/internal/curl_library.h"

namespace smelt {
namespace {

/// The library, while a message is sent: sending began, so that there is one.
const internal::CurlLibrary& Curl() {
  return *internal::LoadCurl();
}

struct HandleDeleter {
  void operator()(CURL* handle) const { Curl().easy_cleanup(handle); }
};
struct ListDeleter {
  void operator()(curl_slist* list) const { Curl().slist_free_all(list); }
};

/// The part of the message that has not been handed over.
std::size_t GiveContent(char* buffer, std::size_t size, std::size_t count, void* rest) {
  auto& content = *static_cast<std::string_view*>(rest);
  const std::size_t taken = std::min(size * count, content.size());
  std::memcpy(buffer, content.data(), taken);
  content.remove_prefix(taken);
  return taken;
}

std::size_t DropAnswer(char*, std::size_t, std::size_t count, void*) {
  return count;
}

int StopWhenAsked(void* stop, curl_off_t, curl_off_t, curl_off_t, curl_off_t) {
  return static_cast<const std::stop_token*>(stop)->stop_requested() ? 1 : 0;
}

bool IsConfigurationError(CURLcode code) {
  switch (code) {
    case CURLE_PEER_FAILED_VERIFICATION:
    case CURLE_SSL_CACERT_BADFILE:
    case CURLE_USE_SSL_FAILED:
    case CURLE_UNSUPPORTED_PROTOCOL:
    case CURLE_URL_MALFORMAT: return true;
    default: return false;
  }
}

Error TransferError(CURL* handle, CURLcode code, const MailServer& server, const char* details) {
  const std::string reason = details[0] != '\0' ? details : Curl().easy_strerror(code);
  std::string message = fmt::format("mail server {}:{}: {}", server.host, server.port, reason);
  if (code == CURLE_ABORTED_BY_CALLBACK) return Error(ErrorCode::kCancelled, std::move(message));
  long reply = 0;
  Curl().easy_getinfo(handle, CURLINFO_RESPONSE_CODE, &reply);
  const bool refused = (reply >= 500 && reply < 600) || IsConfigurationError(code) ||
                       (code == CURLE_LOGIN_DENIED && !(reply >= 400 && reply < 500));
  if (!refused) return Error(ErrorCode::kMailUnsent, std::move(message));
  Error error(ErrorCode::kMailRefused, std::move(message));
  if (code == CURLE_LOGIN_DENIED) return std::move(error).Hint("check the username and the password of the channel");
  if (code == CURLE_USE_SSL_FAILED) {
    return std::move(error).Hint("the server offers no STARTTLS on this port: use 'tls: tls' with its TLS port");
  }
  return error;
}

void SetServer(CURL* curl, const MailServer& server) {
  const bool tls = server.encryption == MailEncryption::kTls;
  Curl().easy_setopt(curl, CURLOPT_URL,
                     fmt::format("{}://{}:{}", tls ? "smtps" : "smtp", server.host, server.port).c_str());
  Curl().easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "smtp,smtps");
  Curl().easy_setopt(curl, CURLOPT_USE_SSL,
                     static_cast<long>(server.encryption == MailEncryption::kNone ? CURLUSESSL_NONE : CURLUSESSL_ALL));
  if (!server.ca_file.empty()) Curl().easy_setopt(curl, CURLOPT_CAINFO, server.ca_file.c_str());
  if (!server.username.empty()) {
    Curl().easy_setopt(curl, CURLOPT_USERNAME, server.username.c_str());
    Curl().easy_setopt(curl, CURLOPT_PASSWORD, server.password.Reveal().c_str());
  }
  Curl().easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
  Curl().easy_setopt(curl, CURLOPT_CONNECTTIMEOUT_MS, static_cast<long>(server.connect_timeout_ms));
  Curl().easy_setopt(curl, CURLOPT_TIMEOUT_MS, static_cast<long>(server.timeout_ms));
}

}  // namespace

Status SendMail(const MailServer& server, const Mail& mail, std::stop_token stop) {
  if (internal::LoadCurl() == nullptr) {
    return Fail(
        Error(ErrorCode::kMailUnsent, "this machine has no libcurl.so.4").Hint("install libcurl 7.85 or newer"));
  }
  const std::unique_ptr<CURL, HandleDeleter> handle(Curl().easy_init());
  if (handle == nullptr) return Fail(ErrorCode::kMailUnsent, "libcurl cannot be started");
  CURL* curl = handle.get();
  curl_slist* list = nullptr;
  for (const std::string& recipient : mail.recipients) {
    list = Curl().slist_append(list, fmt::format("<{}>", recipient).c_str());
  }
  const std::unique_ptr<curl_slist, ListDeleter> recipients(list);
  char details[CURL_ERROR_SIZE] = "";
  std::string_view rest = mail.content;
  SetServer(curl, server);
  Curl().easy_setopt(curl, CURLOPT_ERRORBUFFER, details);
  Curl().easy_setopt(curl, CURLOPT_MAIL_FROM, fmt::format("<{}>", mail.sender).c_str());
  Curl().easy_setopt(curl, CURLOPT_MAIL_RCPT, recipients.get());
  Curl().easy_setopt(curl, CURLOPT_UPLOAD, 1L);
  Curl().easy_setopt(curl, CURLOPT_READFUNCTION, GiveContent);
  Curl().easy_setopt(curl, CURLOPT_READDATA, &rest);
  Curl().easy_setopt(curl, CURLOPT_WRITEFUNCTION, DropAnswer);
  Curl().easy_setopt(curl, CURLOPT_NOPROGRESS, 0L);
  Curl().easy_setopt(curl, CURLOPT_XFERINFOFUNCTION, StopWhenAsked);
  Curl().easy_setopt(curl, CURLOPT_XFERINFODATA, &stop);
  const CURLcode code = Curl().easy_perform(curl);
  if (code != CURLE_OK) return Fail(TransferError(curl, code, server, details));
  return {};
}

}  // namespace smelt
