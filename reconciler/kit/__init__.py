"""The ground floor: errors, diagnostics, canonical JSON, ARNs, clock, absent value."""
