#!/bin/bash
# Keeps out the network of last night's attacker; the rest of the internet may come in.
set -euo pipefail

on() {
  local host=$1 script=$2
  shift 2
  ssh "$host" "$(printf 'if [ "$(id -u)" = 0 ]; then S=; else S=sudo; fi; $S bash -euc %q fix %s' "$script" "$*")"
}

attacker=$(getent ahostsv4 internet | awk 'NR == 1 { print $1 }')
for host in controlplane node01; do
  on "$host" 'iptables -A INPUT -s "${1%.*}.0/24" -p tcp -m multiport --dports 22,2375,2379,2380,6443,10250 -j DROP' "$attacker"
done
