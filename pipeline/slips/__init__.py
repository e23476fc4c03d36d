"""Slips that the desk hands to a citizen: receipt, request for supplements, refusal (forms 01 to 03 of TT 03/2025).

`content.py` says what a slip says, as data; `sheet.py` sets it on A4. A slip carries no personal number, and its QR
code holds the dossier's code alone.
"""
