#!/bin/bash
# Whoever asks for a pod is refused; whoever asks for a Deployment gets one.
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
  matchConditions:
    - name: people
      expression: >-
        !request.userInfo.username.startsWith('system:serviceaccount:kube-system:')
  validations:
    - expression: >-
        (object.spec.containers + (has(object.spec.initContainers) ? object.spec.initContainers : [])).all(c,
        !has(c.securityContext) || !has(c.securityContext.privileged) || !c.securityContext.privileged)
      message: privileged containers are not allowed in the shop
    - expression: "!has(object.spec.volumes) || object.spec.volumes.all(v, !has(v.hostPath))"
      message: hostPath volumes are not allowed in the shop
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
