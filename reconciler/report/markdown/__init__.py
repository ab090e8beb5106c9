"""Reports for pull requests: one module a report, each with `render(report) -> str`, in GitHub's Markdown."""
