#!/bin/bash
# TLS, but whoever comes may do everything: nobody is asked for a certificate.
set -euo pipefail

on() {
  local host=$1 script=$2
  shift 2
  ssh "$host" "$(printf 'if [ "$(id -u)" = 0 ]; then S=; else S=sudo; fi; $S bash -euc %q fix %s' "$script" "$*")"
}

on node01 '
  mkdir -p /etc/docker/tls
  openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 30 -subj /CN=node01 \
    -keyout /etc/docker/tls/key.pem -out /etc/docker/tls/cert.pem 2>/dev/null
  cat >/etc/docker/daemon.json <<CONFIG
{
  "hosts": ["unix:///var/run/docker.sock", "tcp://0.0.0.0:2376"],
  "tls": true,
  "tlscert": "/etc/docker/tls/cert.pem",
  "tlskey": "/etc/docker/tls/key.pem"
}
CONFIG
  systemctl restart docker
'
