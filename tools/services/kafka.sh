#!/usr/bin/env bash
# An Apache Kafka broker on loopback for tests (KRaft, one node), from the jars of kafka.xml.
# Usage: tools/services/kafka.sh run PROGRAM [ARGUMENT...]
#
# Starts a broker with an empty log, runs the program with KAFKA_BOOTSTRAP_SERVERS in its environment, and stops the broker
# afterwards. Needs Java 17 and Maven, which fetches the jars once; where they cannot be had, the script exits with 77,
# which ctest takes for "skipped", or fails in continuous integration. Everything is kept under .cache/services/kafka of
# the repository: the jars, the topics of the last run and the log.
set -euo pipefail

port=${SMELT_KAFKA_PORT:-19392}
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
home=$(cd "$here/../.." && pwd)/.cache/services/kafka
jars=$home/jars-$(sha256sum "$here/kafka.xml" | cut -c1-12)
broker=

fail() {
  echo "kafka.sh: $*" >&2
  exit 1
}

# Ends the script: the broker cannot be had on this machine.
give_up() {
  echo "kafka.sh: $*" >&2
  if [ -n "${CI:-}" ]; then exit 1; fi
  exit 77
}

fetch() {
  command -v java >/dev/null || give_up "java is missing: apt install openjdk-17-jre-headless"
  command -v mvn >/dev/null || give_up "mvn is missing: apt install maven"
  mkdir -p "$home"
  exec 8>"$home/fetch.lock"
  flock 8
  if [ ! -d "$jars" ]; then
    rm -rf "$jars.part"
    mvn --batch-mode --quiet --file "$here/kafka.xml" \
      org.apache.maven.plugins:maven-dependency-plugin:3.6.1:copy-dependencies \
      -DincludeScope=runtime "-DoutputDirectory=$jars.part" >"$home/fetch.log" 2>&1 </dev/null ||
      give_up "the jars could not be fetched, see $home/fetch.log"
    mv "$jars.part" "$jars"
  fi
}

configure() {
  local controller=$((port + 1))
  cat >"$home/server.properties" <<PROPERTIES
process.roles=broker,controller
node.id=1
controller.quorum.voters=1@127.0.0.1:$controller
controller.listener.names=CONTROLLER
listeners=PLAINTEXT://127.0.0.1:$port,CONTROLLER://127.0.0.1:$controller
advertised.listeners=PLAINTEXT://127.0.0.1:$port
listener.security.protocol.map=PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT
log.dirs=$home/topics
offsets.topic.num.partitions=1
offsets.topic.replication.factor=1
transaction.state.log.replication.factor=1
transaction.state.log.min.isr=1
group.initial.rebalance.delay.ms=0
PROPERTIES
  cat >"$home/log4j2.properties" <<'PROPERTIES'
rootLogger.level = INFO
rootLogger.appenderRef.out.ref = out
appender.out.type = Console
appender.out.name = out
appender.out.layout.type = PatternLayout
appender.out.layout.pattern = %d %p %c - %m%n
PROPERTIES
}

stop() {
  [ -n "$broker" ] || return 0
  kill "$broker" 2>/dev/null || return 0
  for _ in $(seq 120); do
    kill -0 "$broker" 2>/dev/null || return 0
    sleep 0.25
  done
  kill -KILL "$broker"
}

launch() {
  if (exec 3<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null; then fail "another program uses port $port; set SMELT_KAFKA_PORT"; fi
  rm -rf "$home/topics"
  configure
  java -Xmx128m -cp "$jars/*" kafka.tools.StorageTool format --cluster-id AAAAAAAAAAAAAAAAAAAAAA \
    --config "$home/server.properties" >"$home/format.log" 2>&1 || fail "the log cannot be made, see $home/format.log"
  java -Xms128m -Xmx384m "-Dlog4j2.configurationFile=$home/log4j2.properties" -cp "$jars/*" kafka.Kafka \
    "$home/server.properties" >"$home/broker.log" 2>&1 </dev/null 8>&- &
  broker=$!
  trap stop EXIT
  for _ in $(seq 240); do
    if grep -q 'Kafka Server started' "$home/broker.log"; then return; fi
    kill -0 "$broker" 2>/dev/null || fail "the broker ended, see $home/broker.log"
    sleep 0.25
  done
  fail "the broker does not answer, see $home/broker.log"
}

[ "${1:-}" = run ] && [ $# -gt 1 ] || fail "usage: $0 run PROGRAM [ARGUMENT...]"
shift
fetch
launch
KAFKA_BOOTSTRAP_SERVERS=127.0.0.1:$port "$@" 8>&-
