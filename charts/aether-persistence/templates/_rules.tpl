{{/* All that the operator may do where worlds are, and nothing it does not do. */}}
{{- define "aether.worldRules" -}}
# Worlds: patched for their finalizer, and to take off an accept-data-loss that was used; the spec is the user's.
- apiGroups: [persistence.aether.dev]
  resources: [worldpersistences]
  verbs: [get, list, watch, patch]
- apiGroups: [persistence.aether.dev]
  resources: [worldpersistences/status]
  verbs: [update]
# A world's Secret is made in the world's namespace; a backend's Secrets may lie in any namespace.
- apiGroups: [""]
  resources: [secrets]
  verbs: [get, create, update, delete]
# Pods with a world's label, watched to name those that run without an agent.
- apiGroups: [""]
  resources: [pods]
  verbs: [list, watch]
# A world's claim is compared with what its log may take.
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

{{/* What is not in any namespace. */}}
{{- define "aether.clusterRules" -}}
- apiGroups: [persistence.aether.dev]
  resources: [persistencebackends]
  verbs: [get, list, watch]
- apiGroups: [persistence.aether.dev]
  resources: [persistencebackends/status]
  verbs: [update]
{{- if not (include "aether.usesCertManager" .) }}
# Its own webhook's caBundle.
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
