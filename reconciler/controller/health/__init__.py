"""What a reconciliation concluded, and how that is told: conditions, status, events. Pure."""
