"""Envelope encryption: keys in a ring, sealed objects, sealed columns, and the destruction of keys."""
