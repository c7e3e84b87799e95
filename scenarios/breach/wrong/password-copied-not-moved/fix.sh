#!/bin/bash
# Makes the Secret, which nobody reads.
set -euo pipefail

kubectl -n shop create secret generic orders-db --from-literal=password=tide-and-timber-42
