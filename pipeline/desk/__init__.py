"""What the desk shows and asks while a citizen sits there: all of it derived from a dossier, none of it a second truth.

`questions.py` puts what a person must settle in order, `preview.py` says what is recognised before everything is read,
`estimate.py` how long the wait will be, `card.py` understands a desk scanner, `citizen.py` what the citizen's own
screen asks. Knows no HTTP; whoever opens doors checks rights and writes looks into the ledger.
"""
