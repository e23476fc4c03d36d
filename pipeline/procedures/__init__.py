"""Procedures as data: what papers, fields, rules, times and fees a public service asks for, by effective date."""
