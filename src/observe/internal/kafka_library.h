#pragma once

#include <librdkafka/rdkafka.h>

namespace smelt::observe::internal {

/// The functions of librdkafka that smelt calls.
struct KafkaLibrary {
  decltype(&rd_kafka_conf_new) conf_new;
  decltype(&rd_kafka_conf_destroy) conf_destroy;
  decltype(&rd_kafka_conf_set) conf_set;
  decltype(&rd_kafka_conf_set_opaque) conf_set_opaque;
  decltype(&rd_kafka_conf_set_log_cb) conf_set_log_cb;
  decltype(&rd_kafka_conf_set_error_cb) conf_set_error_cb;
  decltype(&rd_kafka_conf_set_dr_msg_cb) conf_set_dr_msg_cb;
  decltype(&rd_kafka_new) create;
  decltype(&rd_kafka_destroy) destroy;
  decltype(&rd_kafka_producev) producev;
  decltype(&rd_kafka_poll) poll;
  decltype(&rd_kafka_purge) purge;
  decltype(&rd_kafka_err2str) err2str;
};

/// The library, loaded by the first call; null: this machine has none. Thread-safe.
const KafkaLibrary* LoadKafka();

}  // namespace smelt::observe::internal
