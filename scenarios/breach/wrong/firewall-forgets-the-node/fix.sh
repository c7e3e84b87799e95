#!/bin/bash
# Closes the control plane alone.
set -euo pipefail

on() {
  local host=$1 script=$2
  shift 2
  ssh "$host" "$(printf 'if [ "$(id -u)" = 0 ]; then S=; else S=sudo; fi; $S bash -euc %q fix %s' "$script" "$*")"
}

address() { getent ahostsv4 "$1" | awk 'NR == 1 { print $1 }'; }
trusted=$(for host in workstation bastion controlplane node01; do address "$host"; done | sort -u)
on controlplane '
  ports=22,2375,2379,2380,6443,10250
  iptables -A INPUT -i lo -j ACCEPT
  for source in "$@" 10.244.0.0/16; do iptables -A INPUT -s "$source" -p tcp -m multiport --dports "$ports" -j ACCEPT; done
  iptables -A INPUT -p tcp -m multiport --dports "$ports" -j DROP
' $trusted
