"""Annotations of GitHub Actions."""
