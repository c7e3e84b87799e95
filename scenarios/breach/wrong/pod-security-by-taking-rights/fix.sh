#!/bin/bash
# Stops the pipeline instead of the privileged pod.
set -euo pipefail

kubectl -n shop delete rolebinding deployer
