{{/* The operator's settings: KMSCTL_<FLAG>, one for each flag of `kmsctl operator run`. */}}
{{- define "kmsctl.ownEnvironment" -}}
- name: POD_NAME
  valueFrom:
    fieldRef:
      fieldPath: metadata.name
- name: POD_NAMESPACE
  valueFrom:
    fieldRef:
      fieldPath: metadata.namespace
- name: KMSCTL_CLUSTER_NAME
  value: {{ .Values.clusterName | quote }}
- name: KMSCTL_TARGET
  value: {{ .Values.target | quote }}
{{- with .Values.watchNamespaces }}
- name: KMSCTL_NAMESPACES
  value: {{ join "," . | quote }}
{{- end }}
- name: KMSCTL_DRIFT_INTERVAL
  value: {{ .Values.operator.driftInterval | quote }}
- name: KMSCTL_WORKERS
  value: {{ .Values.operator.workers | quote }}
- name: KMSCTL_BATCH
  value: {{ .Values.operator.batch | quote }}
- name: KMSCTL_LOG_FORMAT
  value: {{ .Values.operator.logFormat | quote }}
- name: KMSCTL_LOG_LEVEL
  value: {{ .Values.operator.logLevel | quote }}
{{- if .Values.webhook.enabled }}
- name: KMSCTL_WEBHOOK_CERT_DIR
  value: /etc/kmsctl/webhook
- name: KMSCTL_WEBHOOK_LINT
  value: {{ .Values.webhook.lint | quote }}
{{- end }}
{{- end }}

{{/* With extraEnv. A variable that is there twice is refused by server-side apply, in words that do not say whose it is. */}}
{{- define "kmsctl.environment" -}}
{{- include "kmsctl.ownEnvironment" . }}
{{- $taken := list }}
{{- range include "kmsctl.ownEnvironment" . | fromYamlArray }}
{{- $taken = append $taken .name }}
{{- end }}
{{- range .Values.extraEnv }}
{{- if has .name $taken }}
{{- fail (printf "extraEnv: %s is there already; for one that the chart sets there is a value of its own" .name) }}
{{- end }}
{{- $taken = append $taken .name }}
{{- end }}
{{- with .Values.extraEnv }}
{{ toYaml . }}
{{- end }}
{{- end }}
