"""The engine's cryptography, all of it by pyca/cryptography: key specs, material, sealing, ciphertexts."""
