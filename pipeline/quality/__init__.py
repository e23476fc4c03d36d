"""Quality that can be proved: samples of what no person saw, planted answers, second keys, promises that are kept."""
