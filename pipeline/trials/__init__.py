"""Trials: invented dossiers of the procedures, run through the product's own stages and compared with their truth."""
