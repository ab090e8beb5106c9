"""Export: manifests of keys that are there, which adopt them and change nothing."""
