{{/* Certificates by cert-manager: dict "root" $ "secret" … "host" …; without a named issuer a CA is made for the webhook alone,
     so that the API server goes on trusting it when the certificate is renewed. */}}
{{- define "kmsctl.certificate" -}}
{{- $issuer := .root.Values.webhook.certificate.issuerRef }}
{{- $ca := printf "%s-ca" .secret }}
{{- if not $issuer.name }}
---
apiVersion: cert-manager.io/v1
kind: Issuer
metadata:
  {{- include "kmsctl.certificateMetadata" (dict "root" .root "name" .secret) | nindent 2 }}
spec:
  selfSigned: {}
---
apiVersion: cert-manager.io/v1
kind: Certificate
metadata:
  {{- include "kmsctl.certificateMetadata" (dict "root" .root "name" $ca) | nindent 2 }}
spec:
  isCA: true
  commonName: {{ $ca | trunc 64 }}
  secretName: {{ $ca }}
  duration: 87600h
  privateKey:
    algorithm: ECDSA
    size: 256
  issuerRef:
    kind: Issuer
    name: {{ .secret }}
---
apiVersion: cert-manager.io/v1
kind: Issuer
metadata:
  {{- include "kmsctl.certificateMetadata" (dict "root" .root "name" $ca) | nindent 2 }}
spec:
  ca:
    secretName: {{ $ca }}
{{- end }}
---
apiVersion: cert-manager.io/v1
kind: Certificate
metadata:
  {{- include "kmsctl.certificateMetadata" (dict "root" .root "name" .secret) | nindent 2 }}
spec:
  secretName: {{ .secret }}
  dnsNames:
    - {{ .host }}
    - {{ .host }}.cluster.local
  privateKey:
    algorithm: ECDSA
    size: 256
    rotationPolicy: Always
  issuerRef:
    kind: {{ ternary $issuer.kind "Issuer" (not (empty $issuer.name)) }}
    name: {{ default $ca $issuer.name }}
{{- end }}

{{- define "kmsctl.certificateMetadata" -}}
name: {{ .name }}
namespace: {{ .root.Release.Namespace }}
labels:
  {{- include "kmsctl.labels" .root | nindent 2 }}
{{- end }}
