"""The bundled KMS: a complete key management service for one machine."""
