{{/* The operator's rights in namespaces with worlds: exactly those that it uses. */}}
{{- define "aether.worldRules" -}}
# Patches set the finalizer and remove a used accept-data-loss annotation; the spec belongs to the user.
- apiGroups: [persistence.aether.dev]
  resources: [worldpersistences]
  verbs: [get, list, watch, patch]
- apiGroups: [persistence.aether.dev]
  resources: [worldpersistences/status]
  verbs: [update]
# The operator writes a world's Secret in the world's namespace and watches these Secrets by their label. A backend's
# Secrets may be in any namespace.
- apiGroups: [""]
  resources: [secrets]
  verbs: [get, list, watch, create, update, delete]
# Watched to report pods that have a world's label and no agent.
- apiGroups: [""]
  resources: [pods]
  verbs: [list, watch]
# The operator compares the size of a world's claim with the limit of its log.
- apiGroups: [""]
  resources: [persistentvolumeclaims]
  verbs: [get]
{{ include "aether.eventRules" . }}
{{- end }}

{{- define "aether.eventRules" -}}
- apiGroups: [""]
  resources: [events]
  verbs: [create, patch]
{{- end }}

{{/* Rights on objects without a namespace. */}}
{{- define "aether.clusterRules" -}}
- apiGroups: [persistence.aether.dev]
  resources: [persistencebackends]
  verbs: [get, list, watch]
- apiGroups: [persistence.aether.dev]
  resources: [persistencebackends/status]
  verbs: [update]
{{- if not (include "aether.usesCertManager" .) }}
# The operator writes the caBundle of its webhook.
- apiGroups: [admissionregistration.k8s.io]
  resources: [mutatingwebhookconfigurations]
  resourceNames: [aether-operator]
  verbs: [get, list, watch, patch]
{{- end }}
{{- end }}

{{/* A Role and its binding to the operator. Takes (dict "name" "namespace" "rules" "root"). */}}
{{- define "aether.role" }}
---
apiVersion: rbac.authorization.k8s.io/v1
kind: Role
metadata:
  name: {{ .name }}
  namespace: {{ .namespace | quote }}
  labels:
    {{- include "aether.labels" .root | nindent 4 }}
rules:
  {{- .rules | nindent 2 }}
---
apiVersion: rbac.authorization.k8s.io/v1
kind: RoleBinding
metadata:
  name: {{ .name }}
  namespace: {{ .namespace | quote }}
  labels:
    {{- include "aether.labels" .root | nindent 4 }}
roleRef:
  apiGroup: rbac.authorization.k8s.io
  kind: Role
  name: {{ .name }}
subjects:
  {{- include "aether.subjects" .root | nindent 2 }}
{{- end }}
