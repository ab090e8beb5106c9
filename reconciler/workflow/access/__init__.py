"""Who may do what with one key: as it is, or as a plan would leave it."""
