"""Reports for machines: one module a report, each with `render(report) -> str`. The shapes are in `schemas/`."""
