"""Reports for people at a terminal: one module a report, each with `render(report, style) -> str`."""
