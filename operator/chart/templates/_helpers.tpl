{{- define "kmsctl.name" -}}
{{- default .Chart.Name .Values.nameOverride | trunc 63 | trimSuffix "-" }}
{{- end }}

{{- define "kmsctl.fullname" -}}
{{- $name := include "kmsctl.name" . }}
{{- $full := ternary .Release.Name (printf "%s-%s" .Release.Name $name) (contains $name .Release.Name) }}
{{- default $full .Values.fullnameOverride | trunc 50 | trimSuffix "-" }}
{{- end }}

{{- define "kmsctl.serviceAccountName" -}}
{{- if .Values.serviceAccount.create }}
{{- default (include "kmsctl.fullname" .) .Values.serviceAccount.name }}
{{- else }}
{{- required "serviceAccount.name: say which one, or set serviceAccount.create" .Values.serviceAccount.name }}
{{- end }}
{{- end }}

{{- define "kmsctl.selectorLabels" -}}
app.kubernetes.io/name: {{ include "kmsctl.name" . }}
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end }}

{{- define "kmsctl.labels" -}}
{{ include "kmsctl.selectorLabels" . }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version | replace "+" "_" }}
{{- with .Values.commonLabels }}
{{ toYaml . }}
{{- end }}
{{- end }}

{{- define "kmsctl.metadata" -}}
name: {{ include "kmsctl.fullname" . }}
namespace: {{ .Release.Namespace }}
labels:
  {{- include "kmsctl.labels" . | nindent 2 }}
{{- end }}

{{/* ClusterRoles are of the whole cluster, so their names hold the namespace: releases of two namespaces do not meet. */}}
{{- define "kmsctl.clusterName" -}}
{{- printf "%s-%s" .Release.Namespace (include "kmsctl.fullname" .) }}
{{- end }}

{{- define "kmsctl.image" -}}
{{- $repository := required "image.repository: where your build of operator/Dockerfile is" .Values.image.repository }}
{{- if .Values.image.digest }}
{{- printf "%s@%s" $repository .Values.image.digest }}
{{- else }}
{{- printf "%s:%s" $repository (default .Chart.AppVersion .Values.image.tag) }}
{{- end }}
{{- end }}

{{- define "kmsctl.webhookSecret" -}}
{{- if eq .Values.webhook.certificate.source "existing" }}
{{- required "webhook.certificate.secretName: the Secret that holds tls.crt and tls.key" .Values.webhook.certificate.secretName }}
{{- else }}
{{- printf "%s-webhook" (include "kmsctl.fullname" .) }}
{{- end }}
{{- end }}

