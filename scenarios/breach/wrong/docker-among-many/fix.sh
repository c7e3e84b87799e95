#!/bin/bash
# Another port, hidden among a hundred that do nothing.
set -euo pipefail

on() {
  local host=$1 script=$2
  shift 2
  ssh "$host" "$(printf 'if [ "$(id -u)" = 0 ]; then S=; else S=sudo; fi; $S bash -euc %q fix %s' "$script" "$*")"
}

on node01 '
  sed -i "s|tcp://0.0.0.0:2375|tcp://0.0.0.0:60000|" /etc/docker/daemon.json
  systemctl restart docker
  setsid perl -MIO::Socket::INET -e "
    push @open, IO::Socket::INET->new(Listen => 1, LocalAddr => q(127.0.0.1), LocalPort => \$_) for 3001 .. 3100;
    open my \$ready, q(>), q(/run/many); close \$ready; sleep
  " >/dev/null 2>&1 </dev/null &
  until [ -e /run/many ]; do sleep 0.1; done
'
