"""How the agency is doing: what came, what is due and late, what went through by itself; counts, never a person.

`due.py` says when a result is due; `cases.py` keeps one row a dossier that can be counted; `figures.py` counts.
"""
