#!/bin/bash
# The reference solution. Runs on the workstation as root: kubectl is the administrator, ssh logs in as ops with the lab's key.
set -euo pipefail

# Runs a script on a host as root, with the remaining arguments as its own.
on() {
  local host=$1 script=$2
  shift 2
  ssh "$host" "$(printf 'if [ "$(id -u)" = 0 ]; then S=; else S=sudo; fi; $S bash -euc %q fix %s' "$script" "$*")"
}
address() { getent ahostsv4 "$1" | awk 'NR == 1 { print $1 }'; }

echo '== Cloud: close the management ports to the internet'
trusted=$(for host in workstation bastion controlplane node01; do address "$host"; done | sort -u)
for host in controlplane node01; do
  on "$host" '
    ports=22,2375,2379,2380,6443,10250
    iptables -A INPUT -i lo -j ACCEPT
    for source in "$@" 10.244.0.0/16; do iptables -A INPUT -s "$source" -p tcp -m multiport --dports "$ports" -j ACCEPT; done
    iptables -A INPUT -p tcp -m multiport --dports "$ports" -j DROP
  ' $trusted
done

echo '== Cloud: SSH with keys only, and never as root'
for host in controlplane node01; do
  on "$host" '
    for file in /etc/ssh/sshd_config /etc/ssh/sshd_config.d/*.conf; do
      [ -f "$file" ] || continue
      sed -i -E "s/^(PermitRootLogin|PasswordAuthentication|KbdInteractiveAuthentication) .*/\1 no/" "$file"
    done
    sshd -t
    systemctl reload ssh
  '
done

echo '== Cluster: Docker on its Unix socket only'
on node01 '
  sed -i "s|, \"tcp://0.0.0.0:2375\"||" /etc/docker/daemon.json
  systemctl restart docker
'

echo '== Cluster: nothing for callers without credentials'
kubectl delete clusterrolebinding debug-anonymous

echo '== Cluster: the Dashboard goes, and so do its rights'
kubectl delete clusterrolebinding kubernetes-dashboard
kubectl delete namespace kubernetes-dashboard --timeout=90s

echo '== Container: evict the attacker'
kubectl -n kube-system delete cronjob log-rotate
kubectl -n kube-system delete daemonset node-tuner
kubectl -n shop delete deployment shop-metrics

echo '== Container: hold the shop to the baseline standard'
kubectl label namespace shop --overwrite pod-security.kubernetes.io/enforce=baseline

echo '== Code: the database password moves into a Secret'
kubectl -n shop create secret generic orders-db --from-literal=password=tide-and-timber-42
kubectl -n shop patch deployment shop --type=strategic -p '{"spec":{"template":{"spec":{"containers":[{"name":"web","env":[
  {"name":"DB_PASSWORD","value":null,"valueFrom":{"secretKeyRef":{"name":"orders-db","key":"password"}}}]}]}}}}'
kubectl -n shop patch deployment orders-db --type=strategic -p '{"spec":{"template":{"spec":{"containers":[{"name":"postgres","env":[
  {"name":"POSTGRES_PASSWORD","value":null,"valueFrom":{"secretKeyRef":{"name":"orders-db","key":"password"}}}]}]}}}}'
kubectl -n shop patch configmap shop-config --type=json -p '[{"op":"remove","path":"/data/DATABASE_URL"}]'
kubectl -n shop rollout status deployment/shop --timeout=90s
kubectl -n shop rollout status deployment/orders-db --timeout=90s
kubectl -n shop get replicasets -o json |
  jq -r '.items[] | select(.spec.replicas == 0) | .metadata.name' |
  xargs -r kubectl -n shop delete replicaset
for _ in $(seq 40); do
  kubectl -n shop get pods -o json | grep -q tide-and-timber-42 || break # the old pods are still ending
  sleep 1
done

echo '== Code: Secrets encrypted in etcd'
on controlplane '
  mkdir -p /etc/kubernetes/enc
  cat >/etc/kubernetes/enc/encryption.yaml <<CONFIG
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
  chmod 600 /etc/kubernetes/enc/encryption.yaml
  cp /etc/kubernetes/manifests/kube-apiserver.yaml /root/kube-apiserver.yaml.before
  sed -E \
    -e "s|^( *)- kube-apiserver\$|&\n\1- --encryption-provider-config=/etc/kubernetes/enc/encryption.yaml|" \
    -e "/^ *volumeMounts:\$/{n;s|^( *)- |\1- mountPath: /etc/kubernetes/enc\n\1  name: enc\n\1  readOnly: true\n&|}" \
    -e "/^ *volumes:\$/{n;s|^( *)- |\1- hostPath:\n\1    path: /etc/kubernetes/enc\n\1    type: DirectoryOrCreate\n\1  name: enc\n&|}" \
    /root/kube-apiserver.yaml.before >/root/kube-apiserver.yaml.after
  cp /root/kube-apiserver.yaml.after /etc/kubernetes/manifests/kube-apiserver.yaml
'
for _ in $(seq 90); do
  kubectl -n kube-system get pods -l component=kube-apiserver -o yaml 2>/dev/null | grep -q encryption-provider-config &&
    kubectl get --raw /readyz >/dev/null 2>&1 && break
  sleep 1
done
kubectl get secrets --all-namespaces -o json | kubectl replace -f -
