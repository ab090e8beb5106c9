"""Reports for Mermaid, which GitHub and GitLab draw: one module a report, each with `render(report) -> str`."""
