"""Convert: manifests for what files of other tools declare."""
