#!/bin/bash
# Another port number on one address alone: the same open door, where nobody looks at once.
set -euo pipefail

on() {
  local host=$1 script=$2
  shift 2
  ssh "$host" "$(printf 'if [ "$(id -u)" = 0 ]; then S=; else S=sudo; fi; $S bash -euc %q fix %s' "$script" "$*")"
}

node=$(getent ahostsv4 node01 | awk 'NR == 1 { print $1 }')
on node01 '
  sed -i "s|tcp://0.0.0.0:2375|tcp://$1:4243|" /etc/docker/daemon.json
  systemctl restart docker
' "$node"
