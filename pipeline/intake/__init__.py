"""From files to page images: collect files, tell their true type, open them, give pages at native resolution."""
