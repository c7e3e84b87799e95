#!/bin/bash
# The namespace goes, but rights in the whole cluster lie in no namespace.
set -euo pipefail

kubectl delete namespace kubernetes-dashboard --timeout=90s
