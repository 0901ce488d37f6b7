#include "observe/internal/kafka_producer.h"

#include <fmt/format.h>

#include <array>
#include <optional>

#include "observe/internal/kafka_library.h"

namespace smelt::observe::internal {
namespace {

using TextBuffer = std::array<char, 512>;

/// What a message that is under way will end in.
struct Delivery {
  std::optional<rd_kafka_resp_err_t> outcome;
};

Result<const KafkaLibrary*> Library() {
  if (const KafkaLibrary* library = LoadKafka()) return library;
  return Fail(Error(ErrorCode::kStoreUnknown, "this machine has no librdkafka to speak to Kafka with")
                  .Hint("install Debian's package librdkafka1"));
}

Status Set(const KafkaLibrary& kafka, rd_kafka_conf_t* conf, const std::string& name, const std::string& value) {
  TextBuffer reason{};
  if (kafka.conf_set(conf, name.c_str(), value.c_str(), reason.data(), reason.size()) == RD_KAFKA_CONF_OK) return {};
  return Fail(Error(ErrorCode::kConfigValueInvalid, fmt::format("Kafka's client refuses the property '{}'", name))
                  .Hint(reason.data()));
}

}  // namespace

Status CheckKafkaProperty(const std::string& name, const std::string& value) {
  SMELT_ASSIGN(const KafkaLibrary* kafka, Library());
  rd_kafka_conf_t* conf = kafka->conf_new();
  Status checked = Set(*kafka, conf, name, value);
  kafka->conf_destroy(conf);
  return checked;
}

class KafkaProducer::Impl {
 public:
  explicit Impl(const KafkaLibrary& kafka) : kafka_(kafka) {}
  ~Impl() {
    if (client_ != nullptr) kafka_.destroy(client_);
  }
  Impl(const Impl&) = delete;
  Impl& operator=(const Impl&) = delete;

  Status Open(const KafkaProperties& properties) {
    rd_kafka_conf_t* conf = kafka_.conf_new();
    Status configured = Configure(conf, properties);
    if (!configured) {
      kafka_.conf_destroy(conf);
      return configured;
    }
    TextBuffer reason{};
    client_ = kafka_.create(RD_KAFKA_PRODUCER, conf, reason.data(), reason.size());
    if (client_ != nullptr) return {};
    kafka_.conf_destroy(conf);
    return Fail(ErrorCode::kStoreIo, fmt::format("Kafka's client does not start: {}", reason.data()));
  }

  Status Send(const std::string& topic, std::string_view key, std::string_view value, const std::stop_token& stop) {
    constexpr int kPollMs = 100;
    Delivery delivery;
    trouble_.clear();
    // The message is copied; `delivery` is told of in Delivered, which every accepted message comes to.
    const rd_kafka_resp_err_t taken = kafka_.producev(
        client_, RD_KAFKA_V_TOPIC(topic.c_str()), RD_KAFKA_V_MSGFLAGS(RD_KAFKA_MSG_F_COPY),
        RD_KAFKA_V_KEY(const_cast<char*>(key.data()), key.size()),
        RD_KAFKA_V_VALUE(const_cast<char*>(value.data()), value.size()), RD_KAFKA_V_OPAQUE(&delivery), RD_KAFKA_V_END);
    if (taken != RD_KAFKA_RESP_ERR_NO_ERROR) return Undelivered(topic, taken);
    while (!delivery.outcome) {
      kafka_.poll(client_, kPollMs);
      if (stop.stop_requested()) kafka_.purge(client_, RD_KAFKA_PURGE_F_QUEUE | RD_KAFKA_PURGE_F_INFLIGHT);
    }
    if (*delivery.outcome == RD_KAFKA_RESP_ERR_NO_ERROR) return {};
    return Undelivered(topic, *delivery.outcome);
  }

 private:
  Status Configure(rd_kafka_conf_t* conf, const KafkaProperties& properties) {
    // Messages do not wait for others, and none waits for minutes.
    const KafkaProperties defaults = {{"linger.ms", "0"}, {"message.timeout.ms", "10000"}};
    for (const auto& [name, value] : defaults) SMELT_TRY(Set(kafka_, conf, name, value));
    for (const auto& [name, value] : properties) SMELT_TRY(Set(kafka_, conf, name, value));
    kafka_.conf_set_opaque(conf, this);
    kafka_.conf_set_log_cb(conf, nullptr);
    kafka_.conf_set_error_cb(
        conf, [](rd_kafka_t*, int, const char* reason, void* self) { static_cast<Impl*>(self)->trouble_ = reason; });
    kafka_.conf_set_dr_msg_cb(conf, [](rd_kafka_t*, const rd_kafka_message_t* message, void*) {
      static_cast<Delivery*>(message->_private)->outcome = message->err;
    });
    return {};
  }

  Status Undelivered(const std::string& topic, rd_kafka_resp_err_t outcome) const {
    std::string reason = kafka_.err2str(outcome);
    if (!trouble_.empty()) reason += fmt::format(" ({})", trouble_);
    return Fail(ErrorCode::kHttpUnreachable, fmt::format("Kafka's topic '{}': {}", topic, reason));
  }

  const KafkaLibrary& kafka_;
  rd_kafka_t* client_ = nullptr;
  std::string trouble_;  ///< what the client said last while a message was under way
};

KafkaProducer::KafkaProducer(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}

KafkaProducer::~KafkaProducer() = default;

Result<std::unique_ptr<KafkaProducer>> KafkaProducer::Make(const KafkaProperties& properties) {
  SMELT_ASSIGN(const KafkaLibrary* kafka, Library());
  auto impl = std::make_unique<Impl>(*kafka);
  SMELT_TRY(impl->Open(properties));
  return std::unique_ptr<KafkaProducer>(new KafkaProducer(std::move(impl)));
}

Status KafkaProducer::Send(const std::string& topic, std::string_view key, std::string_view value,
                           const std::stop_token& stop) {
  return impl_->Send(topic, key, value, stop);
}

}  // namespace smelt::observe::internal
