#!/bin/bash
# Overlooks what does not run right now.
set -euo pipefail

kubectl -n shop delete deployment shop-metrics
kubectl -n kube-system delete daemonset node-tuner
