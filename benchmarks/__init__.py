"""Figures for docs/benchmarks.md: `python -m benchmarks --help`. Nothing here is a test, and no test is timed."""
