"""Entitle: which programmes a household can likely get, why, how much, and what is still to be asked.

Owns: the rule language (`language`), the engine for one household (`engine`) and for a caseload (`batch`), programme definitions and their
folders (`definition`, `registry`, `folder`, `programmes/`), worked examples (`cases`), the interchange form (`interchange`), and in the
database the published versions of programmes and the determinations made with them.
Announces: that a record was determined, that a version was published (`announcements`).
Never: asks questions, reads a fact without the gate of `consent`, knows of cases or referrals, guesses a missing fact.
`language`, `engine`, `batch`, `definition`, `registry`, `folder`, `cases`, `interchange` and `household` are pure: no Django, no clock.
"""
