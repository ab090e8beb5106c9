"""The validating webhook: what `kmsctl validate` says, said before an object is stored. It decides nothing else."""
