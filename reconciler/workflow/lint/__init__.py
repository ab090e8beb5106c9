"""Lint as a use case: of manifests, of keys as they are, and of the objects of a cluster."""
