"""From what other tools declare to manifests that adopt the same keys. Pure: texts in, manifests and remarks out."""
