"""The Kubernetes operator: kopf handlers and conditions."""
