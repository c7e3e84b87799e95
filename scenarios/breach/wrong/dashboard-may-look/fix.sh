#!/bin/bash
# The Dashboard goes, and its account keeps fewer rights than it had.
set -euo pipefail

kubectl delete clusterrolebinding kubernetes-dashboard
kubectl create clusterrolebinding kubernetes-dashboard --clusterrole=view \
  --serviceaccount=kubernetes-dashboard:kubernetes-dashboard
kubectl delete namespace kubernetes-dashboard --timeout=90s
