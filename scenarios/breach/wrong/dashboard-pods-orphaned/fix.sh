#!/bin/bash
# Nothing leads to the Dashboard any more and nothing looks after it, but its pod runs on.
set -euo pipefail

kubectl delete clusterrolebinding kubernetes-dashboard
kubectl -n kubernetes-dashboard delete service kubernetes-dashboard
kubectl -n kubernetes-dashboard delete deployment kubernetes-dashboard --cascade=orphan
