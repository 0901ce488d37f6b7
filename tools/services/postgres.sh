#!/usr/bin/env bash
# A PostgreSQL server on loopback for tests, from Debian's package postgresql-15.
# Usage: tools/services/postgres.sh run PROGRAM [ARGUMENT...]
#        tools/services/postgres.sh restart [fast|immediate]
#
# "run" starts a server on an empty data folder, runs the program with SMELT_TEST_POSTGRES (its address) in its environment, and stops the server
# afterwards; "restart" is for that program: it stops the server and starts it again. Where the package is not installed
# it is unpacked under .cache/services/postgres of the repository, since installing it would start a server of the system.
# Where it cannot be had, the script exits with 77, which ctest takes for "skipped", or fails in continuous integration.
# PostgreSQL refuses to run as root: for root it runs as the user nobody, with everything in a folder that this user may
# enter.
set -euo pipefail

port=${SMELT_POSTGRES_PORT:-19432}
user=smelt
password=open-state-39
home=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)/.cache/services/postgres
package=postgresql-15
base=$home
if [ "$(id -u)" -eq 0 ]; then base=${TMPDIR:-/tmp}/smelt-postgres-$port; fi

fail() {
  echo "postgres.sh: $*" >&2
  exit 1
}

# Ends the script: the server cannot be had on this machine.
give_up() {
  echo "postgres.sh: $*" >&2
  if [ -n "${CI:-}" ]; then exit 1; fi
  exit 77
}

as_server() {
  if [ "$(id -u)" -eq 0 ]; then (cd / && setpriv --reuid=nobody --regid=nogroup --clear-groups -- "$@"); else "$@"; fi
}

# Sets $root, the folder that the package lies under.
locate() {
  if [ -x /usr/lib/postgresql/15/bin/initdb ]; then
    root=/usr
    return
  fi
  root=$base/package/usr
  [ -x "$root/lib/postgresql/15/bin/initdb" ] && return
  command -v dpkg-deb >/dev/null && command -v apt-get >/dev/null || give_up "this is no Debian: $package is missing"
  mkdir -p "$home" "$base"
  exec 8>"$home/fetch.lock"
  flock 8
  [ -x "$root/lib/postgresql/15/bin/initdb" ] && return
  rm -rf "$base/package" "$base/package.part" "$home/archives"
  mkdir -p "$home/archives"
  # The server's own package and the libraries that may be missing beside it.
  (cd "$home/archives" && apt-get -q download "$package" libllvm14 libpq5) >"$home/fetch.log" 2>&1 ||
    give_up "$package could not be fetched, see $home/fetch.log"
  for archive in "$home"/archives/*.deb; do dpkg-deb --extract "$archive" "$base/package.part"; done
  mv "$base/package.part" "$base/package"
}

# pg_ctl and the like; libraries of the unpacked package come first.
server() {
  local program=$1
  shift
  as_server env LD_LIBRARY_PATH="$root/lib/$(uname -m)-linux-gnu" LC_ALL=C.UTF-8 "$root/lib/postgresql/15/bin/$program" "$@"
}

make_data() {
  rm -rf "$base/data" "$base/sockets"
  mkdir -p "$base/data" "$base/sockets"
  printf '%s\n' "$password" >"$base/password"
  chmod 700 "$base/data"
  if [ "$(id -u)" -eq 0 ]; then
    chmod 755 "$base"
    chown -R nobody:nogroup "$base"
  fi
  server initdb -D "$base/data" -U "$user" --pwfile="$base/password" --auth=scram-sha-256 --encoding=UTF8 \
    --locale=C.UTF-8 >"$home/initdb.log" 2>&1 </dev/null || fail "the data folder cannot be made, see $home/initdb.log"
  cat >>"$base/data/postgresql.conf" <<SETTINGS
listen_addresses = '127.0.0.1'
port = $port
unix_socket_directories = '$base/sockets'
SETTINGS
}

start() {
  server pg_ctl -D "$base/data" -l "$base/log" -w -t 60 start >/dev/null 2>&1 </dev/null || fail "the server does not start, see $base/log"
}

stop() {
  server pg_ctl -D "$base/data" -m "${1:-fast}" -w -t 60 stop >/dev/null 2>&1 </dev/null || true
}

case ${1:-} in
  run)
    [ $# -gt 1 ] || fail "usage: $0 run PROGRAM [ARGUMENT...]"
    shift
    mkdir -p "$home"
    locate
    if (exec 3<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null; then
      fail "another program uses port $port; set SMELT_POSTGRES_PORT"
    fi
    make_data
    trap stop EXIT
    start
    SMELT_TEST_POSTGRES=postgresql://$user:$password@127.0.0.1:$port/postgres "$@" 8>&-
    ;;
  restart)
    locate
    stop "${2:-fast}"
    start
    ;;
  *) fail "usage: $0 run PROGRAM [ARGUMENT...], or $0 restart [fast|immediate]" ;;
esac
