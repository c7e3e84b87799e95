#!/bin/bash
# Shuts all machines to all but the workstation: no attacker, no administrator, no customer.
set -euo pipefail

on() {
  local host=$1 script=$2
  shift 2
  ssh "$host" "$(printf 'if [ "$(id -u)" = 0 ]; then S=; else S=sudo; fi; $S bash -euc %q fix %s' "$script" "$*")"
}

workstation=$(getent ahostsv4 workstation | awk 'NR == 1 { print $1 }')
for host in controlplane node01; do
  on "$host" '
    iptables -A INPUT -i lo -j ACCEPT
    iptables -A INPUT -s "$1" -j ACCEPT
    iptables -A INPUT -m conntrack --ctstate ESTABLISHED,RELATED -j ACCEPT
    iptables -A INPUT -j DROP
    iptables -I FORWARD -j DROP # what comes to a NodePort goes on to a pod
  ' "$workstation"
done
