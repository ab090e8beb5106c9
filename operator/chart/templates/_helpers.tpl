{{- define "kmsctl.name" -}}
{{- default .Chart.Name .Values.nameOverride | trunc 63 | trimSuffix "-" }}
{{- end }}

{{/* Names of Services hold no dots and begin with a letter; names of releases may have the one and lack the other. */}}
{{- define "kmsctl.fullname" -}}
{{- $name := include "kmsctl.name" . }}
{{- $full := ternary .Release.Name (printf "%s-%s" .Release.Name $name) (contains $name .Release.Name) }}
{{- $full = default $full .Values.fullnameOverride | replace "." "-" | trunc 50 | trimSuffix "-" }}
{{- if not (regexMatch "^[a-z]" $full) }}
{{- fail (printf "%s begins with no letter, as the names of Services must: set fullnameOverride" $full) }}
{{- end }}
{{- $full }}
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
{{- include "kmsctl.labelsWith" (list . dict) }}
{{- end }}

{{/* Labels with further ones: list $ (dict …). Those that selectors and Helm go by are never anybody else's. */}}
{{- define "kmsctl.labelsWith" -}}
{{- $root := first . }}
{{- $chart := printf "%s-%s" $root.Chart.Name $root.Chart.Version | replace "+" "_" }}
{{- $labels := dict "app.kubernetes.io/version" $root.Chart.AppVersion "helm.sh/chart" $chart }}
{{- $labels = mergeOverwrite $labels (default dict $root.Values.commonLabels) (default dict (last .)) }}
{{- $fixed := include "kmsctl.selectorLabels" $root | fromYaml }}
{{- mergeOverwrite $labels $fixed (dict "app.kubernetes.io/managed-by" $root.Release.Service) | toYaml }}
{{- end }}

{{/* What stays when it is no longer in the release: of Helm and Flux, and of Argo CD, which takes keep for Delete=false alone. */}}
{{- define "kmsctl.kept" -}}
helm.sh/resource-policy: keep
argocd.argoproj.io/sync-options: Prune=false,Delete=false
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
