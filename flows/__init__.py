"""Prefect: a thin shell round the pipeline's stages. No business rules."""
