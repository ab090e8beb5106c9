"""Terraform and OpenTofu: states and plans as JSON."""
