"""How long records are kept, what stops their destruction, and what citizens ask of their own data."""
