"""What a citizen can do from home with a printed slip: see where it stands, bring a paper, fetch the result, rate.

`tickets.py` makes and checks the secret on a slip; `standing.py` says what is told; `giving.py` takes what a citizen
gives. Nothing here signs anybody in: a visit knows one dossier and nothing of the person.
"""
