"""Keys and what their specs can do, desired and observed state, addresses. Pure."""
