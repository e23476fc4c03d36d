"""Keys, PAdES, timestamps, validation: bytes in, bytes and a verdict out. Knows nothing of dossiers."""
