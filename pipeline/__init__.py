"""What a dossier is, its stages, procedures and rules, archive, kho and settings. Knows nothing of Prefect or HTTP."""
