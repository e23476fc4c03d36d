"""The audit ledger: who did what when, append-only, provable without us."""
