{{/* What the operator may do in a namespace that it serves. docs/operator/security.md says why, line by line. */}}
{{- define "kmsctl.namespacedRules" -}}
- apiGroups: [kms.reconciler.dev]
  resources: [keys, replicakeys, aliases, grants, customkeystores]
  verbs: [list, watch, patch]
- apiGroups: [kms.reconciler.dev]
  resources: [keypolicies, accesstests]
  verbs: [list, watch]
- apiGroups: [kms.reconciler.dev]
  resources: [keys/status, replicakeys/status, aliases/status, keypolicies/status, grants/status, customkeystores/status, accesstests/status]
  verbs: [patch]
{{ include "kmsctl.eventRules" . }}
{{- end }}

{{/* Events of Targets, which live in no namespace, are in the namespace default. */}}
{{- define "kmsctl.eventRules" -}}
- apiGroups: [events.k8s.io]
  resources: [events]
  verbs: [create, patch]
{{- end }}

{{- define "kmsctl.targetRules" -}}
- apiGroups: [kms.reconciler.dev]
  resources: [targets]
  verbs: [list, watch, patch]
- apiGroups: [kms.reconciler.dev]
  resources: [targets/status]
  verbs: [patch]
{{- end }}

{{- define "kmsctl.ownRules" -}}
- apiGroups: [coordination.k8s.io]
  resources: [leases]
  verbs: [create]
- apiGroups: [coordination.k8s.io]
  resources: [leases]
  resourceNames: [kmsctl-operator]
  verbs: [get, update]
{{- with .Values.secrets.credentials }}
- apiGroups: [""]
  resources: [secrets]
  resourceNames: {{ toJson . }}
  verbs: [get]
{{- end }}
{{- end }}

{{- define "kmsctl.subjects" -}}
- kind: ServiceAccount
  name: {{ include "kmsctl.serviceAccountName" . }}
  namespace: {{ .Release.Namespace }}
{{- end }}

{{/* A Role of a namespace and its binding: dict "root" $ "namespace" … "suffix" … "rules" … */}}
{{- define "kmsctl.role" -}}
{{- $name := printf "%s-%s" (include "kmsctl.clusterName" .root) .suffix }}
apiVersion: rbac.authorization.k8s.io/v1
kind: Role
metadata:
  name: {{ $name }}
  namespace: {{ .namespace }}
  labels:
    {{- include "kmsctl.labels" .root | nindent 4 }}
rules:
  {{- .rules | nindent 2 }}
---
apiVersion: rbac.authorization.k8s.io/v1
kind: RoleBinding
metadata:
  name: {{ $name }}
  namespace: {{ .namespace }}
  labels:
    {{- include "kmsctl.labels" .root | nindent 4 }}
roleRef:
  apiGroup: rbac.authorization.k8s.io
  kind: Role
  name: {{ $name }}
subjects:
  {{- include "kmsctl.subjects" .root | nindent 2 }}
{{- end }}
