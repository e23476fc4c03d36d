"""How our own line recogniser is made: data, degradations, network, training, export.

`python -m models.training --data FOLDER --out FOLDER` runs it from end to end and can be stopped and resumed.
Everything that needs PyTorch lies in `network`, `train` and `export`; the rest runs with the product's own packages.
Nothing here is imported when pages are read: the product needs only the two files that come out.
"""
