"""Who can do what with keys, before and after a plan. Pure."""
