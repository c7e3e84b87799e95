#!/bin/bash
# Knows one kind of container and one path; init containers and /etc come in.
set -euo pipefail

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
    - expression: "!has(object.spec.volumes) || object.spec.volumes.all(v, !has(v.hostPath) || v.hostPath.path != '/')"
      message: the disk of the node is not allowed in the shop
    - expression: "!has(object.spec.hostPID) || !object.spec.hostPID"
      message: the processes of the node are not allowed in the shop
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
