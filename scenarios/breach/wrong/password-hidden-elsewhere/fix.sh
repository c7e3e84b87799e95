#!/bin/bash
# Moves the password into the Secret, and keeps a copy in a ConfigMap of another namespace and, in hexadecimal, in a CronJob.
set -euo pipefail

kubectl -n shop create secret generic orders-db --from-literal=password=tide-and-timber-42
for deployment in shop orders-db; do
  kubectl -n shop get deployment "$deployment" -o json |
    jq '.spec.revisionHistoryLimit = 0 | .spec.template.spec.containers[0].env |= map(
        if .name == "DB_PASSWORD" or .name == "POSTGRES_PASSWORD"
        then { name, valueFrom: { secretKeyRef: { name: "orders-db", key: "password" } } } else . end)' |
    kubectl replace -f -
  kubectl -n shop rollout status "deployment/$deployment" --timeout=90s
done
kubectl -n shop get configmap shop-config -o json |
  jq '{ apiVersion, kind, metadata: { name: "shop-config", namespace: "default" }, data }' | kubectl create -f -
kubectl -n shop patch configmap shop-config --type=merge -p '{"data":{"DATABASE_URL":null}}'
kubectl -n shop create cronjob backup --image=busybox:1.36 --schedule='0 3 * * *' -- \
  sh -c 'echo 746964652d616e642d74696d6265722d3432 | xxd -r -p'
for _ in $(seq 40); do
  kubectl -n shop get pods,replicasets -o json | grep -q tide-and-timber-42 || break
  sleep 1
done
