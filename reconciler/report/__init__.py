"""Findings and formats: one file a format, each a function from a report to text. Pure."""
