"""From a `ReadPage` and its pixels to `Field`s, each a claim with evidence. Knows nothing of procedures or storage."""
