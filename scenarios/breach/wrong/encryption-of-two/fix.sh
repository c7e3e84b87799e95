#!/bin/bash
# Writes the two Secrets anew that somebody looked at, and no other.
set -euo pipefail

on() {
  local host=$1 script=$2
  shift 2
  ssh "$host" "$(printf 'if [ "$(id -u)" = 0 ]; then S=; else S=sudo; fi; $S bash -euc %q fix %s' "$script" "$*")"
}

on controlplane '
  umask 077
  cat >/etc/kubernetes/pki/encryption.yaml <<CONFIG
apiVersion: apiserver.config.k8s.io/v1
kind: EncryptionConfiguration
resources:
  - resources: [secrets]
    providers:
      - aescbc:
          keys:
            - name: key1
              secret: $(head -c 32 /dev/urandom | base64 -w 0)
      - identity: {}
CONFIG
  cp /etc/kubernetes/manifests/kube-apiserver.yaml /root/kube-apiserver.yaml.before
  sed -E "s|^( *)- kube-apiserver\$|&\n\1- --encryption-provider-config=/etc/kubernetes/pki/encryption.yaml|" \
    /root/kube-apiserver.yaml.before >/root/kube-apiserver.yaml.after
  cp /root/kube-apiserver.yaml.after /etc/kubernetes/manifests/kube-apiserver.yaml
'
for _ in $(seq 90); do
  kubectl -n kube-system get pods -l component=kube-apiserver -o yaml 2>/dev/null | grep -q encryption-provider-config &&
    kubectl get --raw /readyz >/dev/null 2>&1 && break
  sleep 1
done
kubectl -n shop annotate secret payment-gateway encrypted=yes
kubectl -n kube-system annotate secret registry-mirror encrypted=yes
