#!/usr/bin/env bash
# An S3 server on loopback for tests: the Versity gateway over a local folder, built from its Go module.
# Usage: tools/services/versitygw.sh start|stop|status|run PROGRAM [ARGUMENT...]
#
# `start` builds the server when needed (a few minutes once), starts it when it does not run, and prints the settings
# that a client needs as NAME=value lines; `status` prints them when it runs and fails otherwise. `run` runs a program
# with these settings in its environment and stops the server afterwards if it was not running before; without Go it
# exits with 77, which ctest takes for "skipped". Everything is kept under .cache/services/versitygw of the repository:
# the program, the objects, the log and the process id.
set -euo pipefail

version=v1.8.0
port=${SMELT_S3_PORT:-17171}
access_key=smelt-test
secret_key=smelt-test-secret
home=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)/.cache/services/versitygw
program=$home/$version/versitygw

fail() {
  echo "versitygw.sh: $*" >&2
  exit 1
}

build() {
  if [ -x "$program" ]; then return; fi
  if ! command -v go >/dev/null; then
    echo "versitygw.sh: building the server needs Go" >&2
    exit 77
  fi
  mkdir -p "$home/$version"
  echo "versitygw.sh: building versitygw $version" >&2
  GOBIN=$home/$version go install "github.com/versity/versitygw/cmd/versitygw@$version" >"$home/build.log" 2>&1 ||
    fail "the build failed, see $home/build.log"
}

# The process id is trusted only while the process is this very program: ids are reused.
running() {
  [ -f "$home/pid" ] && [ "$(readlink "/proc/$(cat "$home/pid")/exe" 2>/dev/null)" = "$program" ]
}

answers() { curl --silent --max-time 2 --output /dev/null "http://127.0.0.1:$port/"; }

settings() {
  echo "AWS_ENDPOINT_URL=http://127.0.0.1:$port"
  echo "AWS_REGION=us-east-1"
  echo "AWS_ACCESS_KEY_ID=$access_key"
  echo "AWS_SECRET_ACCESS_KEY=$secret_key"
}

launch() {
  if answers; then fail "another program uses port $port; set SMELT_S3_PORT"; fi
  mkdir -p "$home/objects" "$home/attributes"
  # --sidecar keeps the attributes of objects in files of their own: not every file system has extended attributes.
  ROOT_ACCESS_KEY=$access_key ROOT_SECRET_KEY=$secret_key nohup "$program" --quiet --port "127.0.0.1:$port" \
    posix --sidecar "$home/attributes" "$home/objects" >"$home/server.log" 2>&1 </dev/null &
  echo $! >"$home/pid"
  for _ in $(seq 120); do
    if answers; then return; fi
    kill -0 "$(cat "$home/pid")" 2>/dev/null || fail "the server ended, see $home/server.log"
    sleep 0.25
  done
  fail "the server does not answer, see $home/server.log"
}

stop() {
  if running; then
    local pid
    pid=$(cat "$home/pid")
    kill "$pid"
    for _ in $(seq 120); do
      kill -0 "$pid" 2>/dev/null || break
      sleep 0.25
    done
    if running; then fail "process $pid does not end"; fi
  fi
  rm -f "$home/pid"
}

run() {
  build
  if ! running; then
    launch
    trap stop EXIT
  fi
  local line
  while read -r line; do export "${line?}"; done < <(settings)
  "$@"
}

case ${1:-} in
  start)
    build
    running || launch
    settings
    ;;
  stop) stop ;;
  status)
    running || fail "not running"
    settings
    ;;
  run)
    shift
    [ $# -gt 0 ] || fail "run what?"
    run "$@"
    ;;
  *) fail "usage: $0 start|stop|status|run PROGRAM [ARGUMENT...]" ;;
esac
