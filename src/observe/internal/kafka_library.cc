#include "observe/internal/kafka_library.h"

#include <optional>

#include "base/shared_library.h"

namespace smelt::observe::internal {
namespace {

std::optional<KafkaLibrary> Load() {
  KafkaLibrary kafka{};
  SharedLibrary library("librdkafka.so.1");
  library.Find("rd_kafka_conf_new", kafka.conf_new)
      .Find("rd_kafka_conf_destroy", kafka.conf_destroy)
      .Find("rd_kafka_conf_set", kafka.conf_set)
      .Find("rd_kafka_conf_set_opaque", kafka.conf_set_opaque)
      .Find("rd_kafka_conf_set_log_cb", kafka.conf_set_log_cb)
      .Find("rd_kafka_conf_set_error_cb", kafka.conf_set_error_cb)
      .Find("rd_kafka_conf_set_dr_msg_cb", kafka.conf_set_dr_msg_cb)
      .Find("rd_kafka_new", kafka.create)
      .Find("rd_kafka_destroy", kafka.destroy)
      .Find("rd_kafka_producev", kafka.producev)
      .Find("rd_kafka_poll", kafka.poll)
      .Find("rd_kafka_purge", kafka.purge)
      .Find("rd_kafka_err2str", kafka.err2str);
  if (!library.is_whole()) return std::nullopt;
  return kafka;
}

}  // namespace

const KafkaLibrary* LoadKafka() {
  static const std::optional<KafkaLibrary> kLibrary = Load();
  return kLibrary ? &*kLibrary : nullptr;
}

}  // namespace smelt::observe::internal
