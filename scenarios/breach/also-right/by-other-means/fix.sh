#!/bin/bash
# Every task another way: nft, drop-ins, the defaults, no anonymous callers at all, the restricted standard, new Deployments, secretbox.
set -euo pipefail

on() {
  local host=$1 script=$2
  shift 2
  ssh "$host" "$(printf 'if [ "$(id -u)" = 0 ]; then S=; else S=sudo; fi; $S bash -euc %q fix %s' "$script" "$*")"
}
address() { getent ahostsv4 "$1" | awk 'NR == 1 { print $1 }'; }

# Cloud: a table of its own, and an honest refusal instead of silence.
trusted=$(for host in workstation bastion controlplane node01; do address "$host"; done | sort -u)
for host in controlplane node01; do
  on "$host" '
    sources=$(printf "%s, " "$@")10.244.0.0/16
    nft -f - <<RULES
table inet harbour {
  chain input {
    type filter hook input priority 0; policy accept;
    iif "lo" accept
    ct state established,related accept
    tcp dport { 22, 2375, 2379, 2380, 6443, 10250 } ip saddr != { $sources } reject with tcp reset
  }
}
RULES
  ' $trusted
done

# Cloud: a drop-in that sorts first where there are drop-ins, else the head of the file: the first value wins.
for host in controlplane node01; do
  on "$host" '
    rules=$(printf "%s\n" "PermitRootLogin no" "PasswordAuthentication no" "KbdInteractiveAuthentication no")
    if grep -q "^Include /etc/ssh/sshd_config.d" /etc/ssh/sshd_config; then
      printf "%s\n" "$rules" >/etc/ssh/sshd_config.d/00-keys-only.conf
    else
      { printf "%s\n" "$rules"; cat /etc/ssh/sshd_config; } >/root/sshd_config.new
      cat /root/sshd_config.new >/etc/ssh/sshd_config
    fi
    systemctl restart ssh
  '
done

# Cluster: without addresses dockerd listens where it always does, on /var/run/docker.sock.
on node01 '
  printf "{ \"log-driver\": \"json-file\" }\n" >/etc/docker/daemon.json
  systemctl daemon-reload
  systemctl restart docker
'

# Cluster: no anonymous callers at all. kubeadm's probes of the API server are anonymous, so they go with them.
on controlplane '
  manifest=/etc/kubernetes/manifests/kube-apiserver.yaml
  cp "$manifest" /root/kube-apiserver.yaml.before
  sed -E "/^ *- --anonymous-auth=/d; s|^( *)- kube-apiserver\$|&\n\1- --anonymous-auth=false|" /root/kube-apiserver.yaml.before |
    awk "
      { match(\$0, /^ */); indent = RLENGTH }
      skipping && (indent > depth || \$0 == \"\") { next }
      { skipping = 0 }
      /^ *(livenessProbe|readinessProbe|startupProbe):/ { skipping = 1; depth = indent; next }
      { print }
    " >/root/kube-apiserver.yaml.after
  cp /root/kube-apiserver.yaml.after "$manifest"
'
for _ in $(seq 90); do
  [ "$(curl -sk -o /dev/null -w '%{http_code}' https://controlplane:6443/version)" = 401 ] && kubectl get --raw /readyz >/dev/null 2>&1 && break
  sleep 1
done

# Cluster: piece by piece instead of the whole namespace.
kubectl delete clusterrolebinding kubernetes-dashboard
kubectl -n kubernetes-dashboard delete service,deployment,serviceaccount kubernetes-dashboard

# Container: suspended is not gone, so delete.
kubectl -n kube-system delete daemonset/node-tuner cronjob/log-rotate
kubectl -n shop delete deployment shop-metrics
kubectl label namespace shop pod-security.kubernetes.io/enforce=restricted pod-security.kubernetes.io/warn=restricted

# Code: made anew, the Deployments keep no old revisions.
kubectl -n shop create secret generic orders-db --from-literal=password=tide-and-timber-42
kubectl -n shop get deployment shop orders-db -o json |
  jq 'del(.items[].metadata["uid", "resourceVersion", "generation", "creationTimestamp", "managedFields", "annotations"], .items[].status)
    | .items[].spec.template.spec.containers[0].env |= map(
        if .name == "DB_PASSWORD" or .name == "POSTGRES_PASSWORD"
        then { name, valueFrom: { secretKeyRef: { name: "orders-db", key: "password" } } } else . end)' >/root/deployments.json
kubectl -n shop delete deployment shop orders-db --cascade=foreground --timeout=90s
kubectl create -f /root/deployments.json
kubectl -n shop get configmap shop-config -o json | jq 'del(.data.DATABASE_URL)' | kubectl replace -f -
kubectl -n shop rollout status deployment/shop --timeout=90s
kubectl -n shop rollout status deployment/orders-db --timeout=90s

# Code: beside the keys, a folder that the API server's pod mounts already.
on controlplane '
  umask 077
  cat >/etc/kubernetes/pki/encryption.yaml <<CONFIG
apiVersion: apiserver.config.k8s.io/v1
kind: EncryptionConfiguration
resources:
  - resources:
      - secrets
    providers:
      - secretbox:
          keys:
            - name: first
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
kubectl get secrets --all-namespaces -o json | kubectl replace -f -
