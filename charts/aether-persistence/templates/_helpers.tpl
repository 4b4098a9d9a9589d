{{/* Labels that the manifests in config/ have too; selectors use only these. */}}
{{- define "aether.selectorLabels" -}}
app.kubernetes.io/name: aether-operator
{{- end }}

{{/* Name of a shard's Deployment and lease; takes the shard, "" for the worlds without one. */}}
{{- define "aether.operatorName" -}}
aether-operator{{ with . }}-{{ . }}{{ end }}
{{- end }}

{{/* Labels of a shard's pods. Another name than that of the other pods, whose selectors must not match them. */}}
{{- define "aether.podLabels" -}}
{{- if . -}}
app.kubernetes.io/name: aether-operator-shard
persistence.aether.dev/shard: {{ . }}
{{- else -}}
{{ include "aether.selectorLabels" . }}
{{- end -}}
{{- end }}

{{/* Selects the pods of all shards. */}}
{{- define "aether.allOperators" -}}
{{- if .Values.shards -}}
matchExpressions:
  - key: app.kubernetes.io/name
    operator: In
    values: [aether-operator, aether-operator-shard]
{{- else -}}
matchLabels:
  {{- include "aether.selectorLabels" . | nindent 2 }}
{{- end -}}
{{- end }}

{{- define "aether.labels" -}}
{{ include "aether.selectorLabels" . }}
{{ include "aether.commonLabels" . }}
{{- end }}

{{- define "aether.commonLabels" -}}
app.kubernetes.io/part-of: aether-persistence
{{ include "aether.releaseLabels" . }}
{{- end }}

{{- define "aether.releaseLabels" -}}
app.kubernetes.io/instance: {{ .Release.Name }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version | replace "+" "_" }}
{{- end }}

{{/* An image by digest, by tag, or by the version of this chart. Takes (dict "image" ... "root" $). */}}
{{- define "aether.image" -}}
{{- with .image -}}
{{- if .digest -}}
{{ .repository }}@{{ .digest }}
{{- else -}}
{{ .repository }}:{{ .tag | default $.root.Chart.AppVersion }}
{{- end -}}
{{- end -}}
{{- end }}

{{- define "aether.usesCertManager" -}}
{{- if eq .Values.webhook.certificate.provider "CertManager" }}true{{ end }}
{{- end }}

{{/* Secret with the certificate, from cert-manager or from the operator; both use this name. */}}
{{- define "aether.certificateSecret" -}}aether-operator-webhook-tls{{- end }}

{{- define "aether.subjects" -}}
- kind: ServiceAccount
  name: {{ .Values.serviceAccount.name }}
  namespace: {{ .Release.Namespace }}
{{- end }}

{{/* Contradictions between values, which a schema cannot express. */}}
{{- define "aether.check" -}}
{{- if and (gt (int .Values.replicas) 1) (not .Values.leaderElection.enabled) }}
{{- fail (printf "replicas is %d and leaderElection.enabled is false: several operators would act at once. Set replicas to 1, or enable leader election." (int .Values.replicas)) }}
{{- end }}
{{- if and .Values.shards .Values.serviceMonitor.enabled }}
{{- fail "serviceMonitor.enabled is true and shards has entries: the metrics of shards are scraped by podMonitor only. Set podMonitor.enabled instead." }}
{{- end }}
{{- if and .Values.shards (not .Values.leaderElection.enabled) }}
{{- fail "shards has entries and leaderElection.enabled is false: enable leader election." }}
{{- end }}
{{- range .Values.watchNamespaces }}
{{- if or (eq . $.Release.Namespace) (eq . "kube-system") }}
{{- fail (printf "watchNamespaces names %s: worlds cannot live there, because its pods must start without the operator. Take it out." .) }}
{{- end }}
{{- end }}
{{- if and .Values.podDisruptionBudget.enabled (le (int .Values.replicas) (int .Values.podDisruptionBudget.minAvailable)) (gt (int .Values.replicas) 1) }}
{{- fail (printf "podDisruptionBudget.minAvailable is %d and replicas is %d: no node could ever be drained. Use less than replicas." (int .Values.podDisruptionBudget.minAvailable) (int .Values.replicas)) }}
{{- end }}
{{- end }}

{{- /* Quantities as the operator reads them: cpu=1,memory=1Gi. */}}
{{- define "aether.limits" -}}
{{- $pairs := list }}
{{- range $resource, $quantity := . }}
{{- $pairs = append $pairs (printf "%s=%v" $resource $quantity) }}
{{- end }}
{{- join "," $pairs }}
{{- end }}
