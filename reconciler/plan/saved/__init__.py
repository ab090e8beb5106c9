"""A plan in a file: its format, what it was made of, and what it has to stand up to. Pure."""
