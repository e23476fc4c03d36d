"""One file a step of the schema, oldest first; never edited once released."""
