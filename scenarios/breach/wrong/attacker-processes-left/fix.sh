#!/bin/bash
# The disk is no longer mounted, but privileged among the node's processes nsenter is all that it takes.
set -euo pipefail

kubectl -n kube-system delete cronjob log-rotate
disk='[{"op":"remove","path":"/spec/template/spec/volumes"},{"op":"remove","path":"/spec/template/spec/containers/0/volumeMounts"}]'
kubectl -n shop patch deployment shop-metrics --type=json -p "$disk"
kubectl -n kube-system patch daemonset node-tuner --type=json -p "$disk"
