"""Alembic's scripts, shipped with the package; `Catalogue.migrate` runs them."""
