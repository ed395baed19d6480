#!/usr/bin/env bash
# with-docker.sh COMMAND...: runs a command with a Docker daemon in DOCKER_HOST. Where none answers, a private one is started
# for it (docker.io is installed by apt where it is missing), and nothing of that daemon is left afterwards.
set -euo pipefail

[ $# -gt 0 ] || { echo "usage: with-docker.sh COMMAND..." >&2; exit 64; }

sudo=""
[ "$(id -u)" = 0 ] || sudo="sudo -n"
work=""
daemon=""

answers() { [ -n "$(command -v docker)" ] && DOCKER_HOST=$1 timeout 20 docker version >/dev/null 2>&1; }

install_docker() {
  command -v dockerd >/dev/null && command -v docker >/dev/null && return 0
  echo "with-docker: installing docker.io" >&2
  $sudo apt-get update -qq
  DEBIAN_FRONTEND=noninteractive $sudo apt-get install -y -qq --no-install-recommends docker.io >/dev/null
  # Debian has its client in a package of its own since version 13.
  command -v docker >/dev/null || $sudo apt-get install -y -qq --no-install-recommends docker-cli >/dev/null
}

start_daemon() {
  work=$(mktemp -d /tmp/gradients-docker-ci.XXXXXX)
  DOCKER_HOST=unix://$work/docker.sock
  # No network: evaluators have none, and a machine that tests may not let its rules be changed. In a namespace of its own, as a
  # daemon without a bridge removes the one that another daemon has.
  echo '{}' >"$work/daemon.json"
  $sudo unshare --net dockerd --config-file="$work/daemon.json" --host="$DOCKER_HOST" --group="$(id -gn)" \
    --data-root="$work/data" --exec-root="$work/exec" --pidfile="$work/docker.pid" --containerd-namespace=gradients-ci \
    --bridge=none --iptables=false --ip-forward=false --ip-masq=false >"$work/log" 2>&1 &
  daemon=$!
  for _ in $(seq 300); do
    answers "$DOCKER_HOST" && return 0
    kill -0 "$daemon" 2>/dev/null || break
    sleep 0.2
  done
  echo "with-docker: the daemon did not start; the end of its log:" >&2
  tail -n 20 "$work/log" >&2
  return 69
}

stop_daemon() {
  [ -n "$work" ] || return 0
  if [ -S "$work/docker.sock" ]; then
    left=$(docker ps --all --quiet 2>/dev/null || true)
    # shellcheck disable=SC2086 # one word an id
    [ -z "$left" ] || docker rm --force $left >/dev/null 2>&1 || true
  fi
  [ ! -f "$work/docker.pid" ] || $sudo kill "$(cat "$work/docker.pid")" 2>/dev/null || true
  [ -z "$daemon" ] || wait "$daemon" 2>/dev/null || true
  awk -v at="$work/" 'index($5, at) == 1 { print $5 }' /proc/self/mountinfo | tac | while read -r mount; do
    $sudo umount --lazy "$mount"
  done
  $sudo rm -rf "$work"
}
trap stop_daemon EXIT

export DOCKER_HOST=${DOCKER_HOST:-unix:///var/run/docker.sock}
if ! answers "$DOCKER_HOST"; then
  install_docker
  # The package may have started the machine's own by now.
  answers "$DOCKER_HOST" || start_daemon
fi
echo "with-docker: $(docker version --format '{{.Server.Version}}') at $DOCKER_HOST" >&2
"$@"
