"""The papers: each module says what one kind of paper contains and where its parts stand on the sheet.

A form is a function from an invented record to `Paper`s: the sheets as set by the typesetter, the type of the paper,
and the value of every field that stands on it. A new paper is a new module and a line in docs/generator.md.
"""
