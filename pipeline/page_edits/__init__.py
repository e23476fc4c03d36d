"""What people do to pages: events on an untouched original, folded over the dossier; each can be taken back.

`events` is the data, `fold` the pure function from events to papers, `laying` makes the record of it, `taking` is what
the stages ask, `editing` what a door asks. docs/pages.md describes them.
"""
