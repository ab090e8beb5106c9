"""Who may do what with a key, as values to show: the same in every format."""
