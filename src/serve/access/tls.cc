#include "serve/access/tls.h"

#include <fmt/format.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>

#include <array>
#include <boost/asio/buffer.hpp>
#include <boost/asio/ssl/context.hpp>
#include <mutex>
#include <utility>

#include "base/clock.h"
#include "base/file.h"
#include "base/log.h"
#include "serve/internal/file_stamp.h"

namespace smelt::serve {
namespace {

namespace ssl = boost::asio::ssl;
using boost::system::error_code;

/// How often the files are looked at, at most.
constexpr double kLookSeconds = 1.0;

Error Unfit(const std::string& path, std::string_view what) {
  ERR_clear_error();
  return Error(ErrorCode::kUsage, fmt::format("{}: {}", path, what))
      .Hint("TLS needs a certificate and the key it was made for, both in PEM");
}

Result<std::shared_ptr<ssl::context>> MakeContext(const std::string& certificate, const std::string& key) {
  SMELT_ASSIGN(const std::string certificate_pem, ReadWholeFile(certificate));
  SMELT_ASSIGN(const std::string key_pem, ReadWholeFile(key));
  auto context = std::make_shared<ssl::context>(ssl::context::tls_server);
  SSL_CTX_set_min_proto_version(context->native_handle(), TLS1_2_VERSION);
  SSL_CTX_set_options(context->native_handle(),
                      SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION | SSL_OP_CIPHER_SERVER_PREFERENCE);
  SSL_CTX_set_mode(context->native_handle(), SSL_MODE_RELEASE_BUFFERS);
  error_code error;
  error = context->use_certificate_chain(boost::asio::buffer(certificate_pem), error);
  if (error) return Fail(Unfit(certificate, "there is no certificate in it that can be used"));
  error = context->use_private_key(boost::asio::buffer(key_pem), ssl::context::pem, error);
  if (error) return Fail(Unfit(key, "there is no key in it that belongs to the certificate and needs no password"));
  if (SSL_CTX_check_private_key(context->native_handle()) != 1)
    return Fail(Unfit(key, "the key does not belong to the certificate"));
  return context;
}

}  // namespace

struct TlsIdentity::Impl {
  std::string certificate;
  std::string key;
  std::mutex lock;
  std::shared_ptr<ssl::context> context;
  std::pair<FileStamp, FileStamp> stamps;
  double looked_at = 0;

  std::pair<FileStamp, FileStamp> Stamps() const { return {StampOfFile(certificate), StampOfFile(key)}; }
};

TlsIdentity::TlsIdentity(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
TlsIdentity::~TlsIdentity() = default;

Result<std::shared_ptr<TlsIdentity>> TlsIdentity::Load(const std::string& certificate, const std::string& key) {
  auto impl = std::make_unique<Impl>();
  impl->certificate = certificate;
  impl->key = key;
  impl->stamps = impl->Stamps();
  impl->looked_at = MonotonicSeconds();
  SMELT_ASSIGN(impl->context, MakeContext(certificate, key));
  return std::shared_ptr<TlsIdentity>(new TlsIdentity(std::move(impl)));
}

std::shared_ptr<ssl::context> TlsIdentity::context() {
  const std::lock_guard guard(impl_->lock);
  const double now = MonotonicSeconds();
  if (now - impl_->looked_at < kLookSeconds) return impl_->context;
  impl_->looked_at = now;
  const auto stamps = impl_->Stamps();
  if (stamps == impl_->stamps) return impl_->context;
  auto renewed = MakeContext(impl_->certificate, impl_->key);
  if (renewed) {
    impl_->context = std::move(*renewed);
    impl_->stamps = stamps;
    Log(LogLevel::kInfo, "tls.renewed", {{"certificate", impl_->certificate}});
  } else {
    // Perhaps one of the two is still being written: the next connection looks again.
    Log(LogLevel::kWarn, "tls.renewal.failed", {{"error", renewed.error().ToString()}});
  }
  return impl_->context;
}

std::string EndPointOf(const ssl_st* connection) {
  const X509* certificate = SSL_get_certificate(connection);
  int digest_id = NID_undef;
  const bool is_known = certificate != nullptr && X509_get_signature_info(const_cast<X509*>(certificate), &digest_id,
                                                                          nullptr, nullptr, nullptr) == 1;
  if (!is_known || digest_id == NID_undef) return {};
  const bool is_weak = digest_id == NID_md5 || digest_id == NID_sha1;
  const EVP_MD* digest = is_weak ? EVP_sha256() : EVP_get_digestbynid(digest_id);
  if (digest == nullptr) return {};
  std::array<unsigned char, EVP_MAX_MD_SIZE> bytes{};
  unsigned size = 0;
  if (X509_digest(certificate, digest, bytes.data(), &size) != 1) return {};
  return {reinterpret_cast<const char*>(bytes.data()), size};
}

}  // namespace smelt::serve
