"""The catalogue: where every dossier stands, which steps were done, who decided what, and what was filed."""
