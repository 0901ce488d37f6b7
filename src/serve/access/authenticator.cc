#include "serve/access/authenticator.h"

#include <fmt/format.h>
#include <openssl/crypto.h>

#include <functional>
#include <map>
#include <mutex>
#include <utility>

#include "base/base64.h"
#include "base/clock.h"
#include "base/digest.h"
#include "base/log.h"
#include "serve/access/login_delays.h"
#include "serve/access/user_file.h"
#include "serve/http_server.h"
#include "serve/internal/file_stamp.h"

namespace smelt::serve {
namespace {

constexpr std::int64_t kMicrosPerSecond = 1'000'000;
/// Programs send name and password with every request: what was right is right for so long without the work.
constexpr std::int64_t kRememberUs = 300 * kMicrosPerSecond;
constexpr std::size_t kRememberedMax = 1'000;
constexpr std::size_t kNonceBytes = 18;
constexpr std::size_t kDecoySaltBytes = 16;
constexpr int kDecoyIterations = 100'000;
constexpr const char* kServerTokenName = "operator";

Error WrongLogin() {
  return Error(ErrorCode::kAccessUnknown, "name and password do not belong together");
}

Error HasToWait(std::int64_t wait_us) {
  return Error(ErrorCode::kServeBusy, "too many logins failed")
      .Hint(fmt::format("try again in {} s", (wait_us + kMicrosPerSecond - 1) / kMicrosPerSecond));
}

Identity IdentityOf(const UserRecord& user, Door door, std::string shown_by, std::string_view address) {
  return {.name = user.name,
          .role = user.role,
          .door = door,
          .shown_by = std::move(shown_by),
          .address = std::string(address)};
}

}  // namespace

bool EqualInConstantTime(std::string_view one, std::string_view other) {
  // Of digests, so that not even the lengths show.
  const std::string digest = Sha256Hex(one);
  const std::string expected = Sha256Hex(other);
  return CRYPTO_memcmp(digest.data(), expected.data(), digest.size()) == 0;
}

struct Authenticator::Impl {
  struct Remembered {
    std::string stamp;  ///< of the user
    std::int64_t until_us = 0;
  };
  /// What the file says. When it cannot be read: nobody, and `broken`.
  struct Known {
    FileStamp stamp{};
    Users users{};
    bool broken = false;
  };

  std::shared_ptr<const Known> Current();
  bool Recall(const std::string& key, const std::string& stamp, std::int64_t now_us);
  void Remember(const std::string& key, std::string stamp, std::int64_t now_us);
  /// What is remembered of a name and password: a digest with a key of this process.
  std::string KeyOf(std::string_view name, const Secret& password) const {
    return HmacSha256(process_key, fmt::format("{}\n{}", name, password.Reveal()));
  }
  void LogFailure(std::string_view name, std::string_view address, Door door) const {
    Log(LogLevel::kWarn, "access.login.failed",
        {{"user", std::string(name.substr(0, 64))},
         {"address", std::string(address)},
         {"door", door == Door::kHttp ? "http" : "postgres"}});
  }

  std::string path;
  std::optional<Secret> server_token;
  std::string process_key = RandomBytes(32);
  PasswordHash nobody = NobodysHash();
  LoginDelays delays;
  std::mutex lock;
  std::shared_ptr<const Known> known;
  std::map<std::string, Remembered> remembered;
};

std::shared_ptr<const Authenticator::Impl::Known> Authenticator::Impl::Current() {
  const FileStamp stamp = StampOfFile(path);
  const std::lock_guard guard(lock);
  if (known && known->stamp == stamp) return known;
  auto next = std::make_shared<Known>();
  next->stamp = stamp;
  auto users = ReadUsers(path);
  if (users) {
    next->users = std::move(*users);
  } else {
    next->broken = true;
    Log(LogLevel::kError, "access.users.unreadable", {{"error", users.error().ToString()}});
  }
  known = std::move(next);
  return known;
}

bool Authenticator::Impl::Recall(const std::string& key, const std::string& stamp, std::int64_t now_us) {
  const std::lock_guard guard(lock);
  const auto found = remembered.find(key);
  return found != remembered.end() && found->second.stamp == stamp && found->second.until_us > now_us;
}

void Authenticator::Impl::Remember(const std::string& key, std::string stamp, std::int64_t now_us) {
  const std::lock_guard guard(lock);
  std::erase_if(remembered, [&](const auto& item) { return item.second.until_us <= now_us; });
  if (remembered.size() >= kRememberedMax) remembered.clear();
  remembered[key] = {std::move(stamp), now_us + kRememberUs};
}

Authenticator::Authenticator(std::string users, std::optional<Secret> server_token) : impl_(std::make_shared<Impl>()) {
  impl_->path = std::move(users);
  impl_->server_token = std::move(server_token);
}

Authenticator::~Authenticator() = default;

bool Authenticator::trusts_this_machine() const {
  if (impl_->server_token) return false;
  const auto known = impl_->Current();
  return !known->broken && known->users.users.empty();
}

bool Authenticator::has_users() const {
  return !impl_->Current()->users.users.empty();
}

Status Authenticator::CheckFile() const {
  SMELT_TRY(ReadUsers(impl_->path));
  return {};
}

Result<Identity> Authenticator::Trust(std::string_view name, std::string_view address, Door door) const {
  if (!trusts_this_machine() || !IsLoopback(std::string(address))) {
    return Fail(Error(ErrorCode::kAccessUnknown, "this server does not know you")
                    .Hint("an operator adds users on the server's machine: smelt users add NAME"));
  }
  return Identity{.name = std::string(name.empty() ? "local" : name),
                  .role = Role::kOperator,
                  .door = door,
                  .shown_by = "trust",
                  .address = std::string(address)};
}

Result<Identity> Authenticator::Login(std::string_view name, const Secret& password, std::string_view address,
                                      Door door) {
  const std::int64_t now = NowMicros();
  const auto known = impl_->Current();
  const UserRecord* user = known->users.Find(name);
  const std::string key = impl_->KeyOf(name, password);
  if (user != nullptr && impl_->Recall(key, user->stamp, now)) return IdentityOf(*user, door, "password", address);
  if (const std::int64_t wait = impl_->delays.WaitUs(name, address, now); wait > 0) return Fail(HasToWait(wait));
  // The same work, whether there is such a name or not.
  const bool is_right = IsPassword(password, user != nullptr ? user->password : impl_->nobody);
  if (user == nullptr || !is_right) {
    impl_->delays.Failed(name, address, NowMicros());
    impl_->LogFailure(name, address, door);
    return Fail(WrongLogin());
  }
  impl_->delays.Succeeded(name);
  impl_->Remember(key, user->stamp, now);
  return IdentityOf(*user, door, "password", address);
}

Result<Identity> Authenticator::LoginByToken(const Secret& token, std::string_view address, Door door) {
  // Who has a token never waits for the failures of others: it is too long to be guessed.
  const std::int64_t now = NowMicros();
  if (impl_->server_token && EqualInConstantTime(token.Reveal(), impl_->server_token->Reveal())) {
    return Identity{.name = kServerTokenName,
                    .role = Role::kOperator,
                    .door = door,
                    .shown_by = "server token",
                    .address = std::string(address)};
  }
  const auto known = impl_->Current();
  const std::string digest = Sha256Hex(token.Reveal());
  for (const TokenRecord& record : known->users.tokens) {
    if (record.digest != digest || (record.ends_us != 0 && record.ends_us <= now)) continue;
    if (const UserRecord* user = known->users.Find(record.user)) return IdentityOf(*user, door, "token", address);
  }
  if (const std::int64_t wait = impl_->delays.WaitUs("", address, now); wait > 0) return Fail(HasToWait(wait));
  impl_->delays.Failed("", address, now);
  impl_->LogFailure("", address, door);
  return Fail(ErrorCode::kAccessUnknown, "the token is missing or wrong");
}

std::optional<Identity> Authenticator::Find(std::string_view name, Door door) const {
  const auto known = impl_->Current();
  const UserRecord* user = known->users.Find(name);
  if (user == nullptr) return std::nullopt;
  return IdentityOf(*user, door, "session", "");
}

std::string Authenticator::StampOf(std::string_view name) const {
  const auto known = impl_->Current();
  const UserRecord* user = known->users.Find(name);
  return user == nullptr ? std::string() : user->stamp;
}

namespace {

class CountedLogin final : public ScramLogin {
 public:
  using Ended = std::function<Result<Identity>(bool proved)>;

  CountedLogin(ScramExchange exchange, Ended ended) : exchange_(std::move(exchange)), ended_(std::move(ended)) {}

  Result<std::string> First(std::string_view client_first, ScramMechanism mechanism) override {
    return exchange_.First(client_first, mechanism);
  }

  Result<std::string> Final(std::string_view client_final) override {
    auto answer = exchange_.Final(client_final);
    if (!answer && answer.error().code() != ErrorCode::kAccessUnknown) return answer;
    SMELT_ASSIGN(identity_, ended_(answer.has_value()));
    return answer;
  }

  Identity identity() const override { return identity_; }

 private:
  ScramExchange exchange_;
  Ended ended_;
  Identity identity_;
};

}  // namespace

Result<std::unique_ptr<ScramLogin>> Authenticator::BeginScram(std::string_view name, std::string_view address,
                                                              std::string end_point) {
  if (const std::int64_t wait = impl_->delays.WaitUs(name, address, NowMicros()); wait > 0)
    return Fail(HasToWait(wait));
  const auto known = impl_->Current();
  const UserRecord* user = known->users.Find(name);
  ScramVerifier verifier;
  if (user != nullptr) {
    verifier = user->scram;
  } else {
    // A salt that this name always has, also after a restart, and a proof that nobody can give.
    const std::string key = known->users.decoy.empty() ? impl_->process_key : known->users.decoy;
    verifier = {.salt = HmacSha256(key, name).substr(0, kDecoySaltBytes),
                .iterations = kDecoyIterations,
                .stored_key = RandomBytes(32),
                .server_key = RandomBytes(32)};
  }
  auto ended = [impl = impl_, name = std::string(name), address = std::string(address),
                record = user != nullptr ? std::optional(*user) : std::nullopt](bool proved) -> Result<Identity> {
    if (!record || !proved) {
      impl->delays.Failed(name, address, NowMicros());
      impl->LogFailure(name, address, Door::kPostgres);
      return Fail(WrongLogin());
    }
    impl->delays.Succeeded(name);
    return IdentityOf(*record, Door::kPostgres, "scram", address);
  };
  ScramExchange exchange(std::move(verifier), Base64Encode(RandomBytes(kNonceBytes)), std::move(end_point));
  return std::make_unique<CountedLogin>(std::move(exchange), std::move(ended));
}

}  // namespace smelt::serve
