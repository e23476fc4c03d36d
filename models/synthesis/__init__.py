"""Makes sample dossiers: invented people on real forms, with the exact words, boxes and field values known.

Five seams, each usable alone: `people` (who) -> `forms` (what each paper says) -> `typesetter` (where each word
stands) -> `scan` (what a scanner makes of the sheet) -> `files` (TIFF, PDF, JPEG and the ground truth beside them).
Everything follows from a seed: same seed, same fonts, same bytes. Nothing here is needed to read or file a dossier.
"""
