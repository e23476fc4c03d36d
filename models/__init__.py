"""Learned models and what surrounds them: pixels in, `ReadPage` out. Knows nothing of dossiers, files or HTTP."""
