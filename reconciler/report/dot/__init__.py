"""Reports for Graphviz: one module a report, each with `render(report) -> str`."""
