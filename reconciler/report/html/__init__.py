"""Reports as pages: one file that needs no network, no script and no other file."""
