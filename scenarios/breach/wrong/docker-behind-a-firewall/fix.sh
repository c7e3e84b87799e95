#!/bin/bash
# Resets every connection to Docker's port, on the machine itself too, and leaves Docker listening behind the rule.
set -euo pipefail

on() {
  local host=$1 script=$2
  shift 2
  ssh "$host" "$(printf 'if [ "$(id -u)" = 0 ]; then S=; else S=sudo; fi; $S bash -euc %q fix %s' "$script" "$*")"
}

on node01 'iptables -I INPUT -p tcp --dport 2375 -j REJECT --reject-with tcp-reset'
