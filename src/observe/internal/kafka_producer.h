#pragma once

#include <memory>
#include <stop_token>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/error.h"

namespace smelt::observe::internal {

/// Properties of librdkafka, "bootstrap.servers" among them.
using KafkaProperties = std::vector<std::pair<std::string, std::string>>;

/// Whether librdkafka knows a property and takes the value.
/// Errors: kConfigValueInvalid; kStoreUnknown when this machine has no librdkafka.
Status CheckKafkaProperty(const std::string& name, const std::string& value);

/// Hands messages to a Kafka cluster, one after the other. For one thread.
class KafkaProducer {
 public:
  /// Connects in the background. A message is given up after ten seconds unless "message.timeout.ms" says otherwise.
  /// Errors: as CheckKafkaProperty; kStoreIo when the client cannot be started.
  static Result<std::unique_ptr<KafkaProducer>> Make(const KafkaProperties& properties);
  ~KafkaProducer();
  KafkaProducer(const KafkaProducer&) = delete;
  KafkaProducer& operator=(const KafkaProducer&) = delete;

  /// Returns when the cluster has confirmed the message, or gives it up when `stop` is requested.
  /// Errors: kHttpUnreachable, with the reason.
  Status Send(const std::string& topic, std::string_view key, std::string_view value, const std::stop_token& stop);

 private:
  class Impl;
  explicit KafkaProducer(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace smelt::observe::internal
