"""YAML manifests with positions, checked against the schemas, made into a DesiredState."""
