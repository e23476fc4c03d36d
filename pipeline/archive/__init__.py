"""From page images and words to an archive PDF/A-3u, and from such a file back to what it holds."""
