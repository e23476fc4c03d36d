"""The machine room under test: real processes killed, cut off and loaded, and what became of the papers."""
