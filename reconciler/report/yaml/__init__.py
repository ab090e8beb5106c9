"""Manifests that kmsctl writes."""
