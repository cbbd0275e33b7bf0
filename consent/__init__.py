"""consent: the shared case record and its lock.

Owns: the fact catalogue, Person, Household, CaseRecord and its facts, processing activities, data-sharing agreements,
consents, involvements (the legitimate relationships), stored grants, and the access log.
Announces: RecordChanged, ConsentChanged, RecordOpened (see `announcements.py`).
Never: knows a form, a programme's rules, or a case. The only way to a fact is `actions.release.release`, which asks
`queries.gate.decide` and writes the access log before anything is handed out.
"""
