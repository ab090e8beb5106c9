"""Key material on its way from a file or variable to KMS: its forms, its wrapping, its import."""
