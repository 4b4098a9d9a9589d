#!/usr/bin/env bash
# Generates the PrometheusRules in config/prometheus from the chart's rule files, as the chart does by default.
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"

for file in charts/aether-persistence/files/rules/*.yaml; do
    name=$(basename "$file" .yaml)
    {
        cat <<EOF
# Made by make rules of $file; tests/Aether.Chart.Tests compares them.
apiVersion: monitoring.coreos.com/v1
kind: PrometheusRule
metadata:
  name: aether-$name
  namespace: aether-system
  labels:
    app.kubernetes.io/name: aether-operator
    app.kubernetes.io/part-of: aether-persistence
spec:
EOF
        sed 's/^./  &/' "$file"
    } >"config/prometheus/${name}_rules.yaml"
done
