"""The workbench: what waits for a clerk, how it is shown, and how an answer becomes a decision. Knows no HTTP."""
