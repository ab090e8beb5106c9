{{/* Reading the Secrets of one entry of secrets.namespaced. */}}
{{- define "kmsctl.secretRule" -}}
- apiGroups: [""]
  resources: [secrets]
  {{- with .names }}
  resourceNames: {{ toJson . }}
  {{- end }}
  verbs: [get]
{{- end }}
