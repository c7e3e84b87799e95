#!/bin/bash
# A third way: ufw, AllowUsers with no methods but keys, an admission policy of one's own, no history of revisions, AES-GCM.
set -euo pipefail

on() {
  local host=$1 script=$2
  shift 2
  ssh "$host" "$(printf 'if [ "$(id -u)" = 0 ]; then S=; else S=sudo; fi; $S bash -euc %q fix %s' "$script" "$*")"
}
address() { getent ahostsv4 "$1" | awk 'NR == 1 { print $1 }'; }

# Cloud: all is shut but what is named.
trusted=$(for host in workstation bastion controlplane node01; do address "$host"; done | sort -u)
for host in controlplane node01; do
  on "$host" '
    for source in "$@" 10.244.0.0/16; do ufw allow from "$source"; done
    ufw allow 30080/tcp
    ufw default deny incoming
    ufw --force enable
  ' $trusted
done

# Cloud: keys are the only method, and ops the only user.
for host in controlplane node01; do
  on "$host" '
    rm -f /etc/ssh/sshd_config.d/50-cloud-init.conf
    sed -i -E "s/^PasswordAuthentication .*/PasswordAuthentication no/; s/^PermitRootLogin .*/PermitRootLogin no\nAllowUsers ops/" /etc/ssh/sshd_config
    systemctl reload ssh
  '
done

# Cluster: back to the unit's own command line, which names the socket.
on node01 '
  rm /etc/docker/daemon.json
  rm -r /etc/systemd/system/docker.service.d
  systemctl daemon-reload
  systemctl restart docker
'

# Cluster: the binding loses its subject, the Dashboard its objects one by one.
kubectl patch clusterrolebinding debug-anonymous --type=json -p '[{"op":"remove","path":"/subjects"}]'
kubectl delete clusterrolebinding/kubernetes-dashboard
kubectl delete namespace kubernetes-dashboard --timeout=90s

# Container
kubectl -n shop delete deployment shop-metrics
kubectl -n kube-system delete cronjob/log-rotate daemonset/node-tuner
kubectl apply -f - <<'POLICY'
apiVersion: admissionregistration.k8s.io/v1
kind: ValidatingAdmissionPolicy
metadata:
  name: shop-pods
spec:
  failurePolicy: Fail
  matchConstraints:
    resourceRules:
      - apiGroups: ['']
        apiVersions: [v1]
        operations: [CREATE, UPDATE]
        resources: [pods]
  validations:
    - expression: >-
        object.spec.containers.all(c, !has(c.securityContext) || !has(c.securityContext.privileged) || !c.securityContext.privileged)
      message: privileged containers are not allowed in the shop
    - expression: >-
        !has(object.spec.initContainers) ||
        object.spec.initContainers.all(c, !has(c.securityContext) || !has(c.securityContext.privileged) || !c.securityContext.privileged)
      message: privileged init containers are not allowed in the shop
    - expression: "!has(object.spec.volumes) || object.spec.volumes.all(v, !has(v.hostPath))"
      message: hostPath volumes are not allowed in the shop
    - expression: >-
        (!has(object.spec.hostPID) || !object.spec.hostPID) && (!has(object.spec.hostIPC) || !object.spec.hostIPC) &&
        (!has(object.spec.hostNetwork) || !object.spec.hostNetwork)
      message: the namespaces of the node are not allowed in the shop
---
apiVersion: admissionregistration.k8s.io/v1
kind: ValidatingAdmissionPolicyBinding
metadata:
  name: shop-pods
spec:
  policyName: shop-pods
  validationActions: [Deny]
  matchResources:
    namespaceSelector:
      matchLabels:
        kubernetes.io/metadata.name: shop
POLICY

# Code: a Deployment that keeps no history needs no cleaning.
printf %s tide-and-timber-42 >/root/password
kubectl -n shop create secret generic orders-db --from-file=password=/root/password
rm /root/password
for deployment in shop orders-db; do
  kubectl -n shop get deployment "$deployment" -o json |
    jq '.spec.revisionHistoryLimit = 0 | .spec.template.spec.containers[0].env |= map(
        if .name == "DB_PASSWORD" or .name == "POSTGRES_PASSWORD"
        then { name, valueFrom: { secretKeyRef: { name: "orders-db", key: "password" } } } else . end)' |
    kubectl replace -f -
  kubectl -n shop rollout status "deployment/$deployment" --timeout=90s
done
kubectl -n shop patch configmap shop-config --type=merge -p '{"data":{"DATABASE_URL":null}}'
for _ in $(seq 40); do
  kubectl -n shop get pods,replicasets -o json | grep -q tide-and-timber-42 || break
  sleep 1
done

on controlplane '
  umask 077
  cat >/etc/kubernetes/pki/encryption.yaml <<CONFIG
apiVersion: apiserver.config.k8s.io/v1
kind: EncryptionConfiguration
resources:
  - resources: [secrets, configmaps]
    providers:
      - aesgcm:
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
kubectl get secrets --all-namespaces -o json | kubectl replace -f -
