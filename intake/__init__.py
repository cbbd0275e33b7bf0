"""Asking: one form for every programme, filled in once, by the person or with somebody's help.

Owns: form revisions (sections and questions bound to catalogue facts), drafts with their come-back codes, counter
sessions, the submission with its receipt. Announces: `SubmissionReceived`.
Never: knows a rule or a programme (what still matters it asks `consent.needs`), reads a record past the gate, keeps a
draft longer than announced.
"""
