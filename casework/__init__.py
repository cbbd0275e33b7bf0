"""casework: doing. What agencies do with an application, and what the person sees of it.

Owns: the coordination case (one per record) and the programme cases under it, their worklist, what is asked of the person,
notes, decisions and their letters; referrals to other agencies, their delivery and their outcome.
Announces: CaseOpened, CaseMoved, Asked, Answered, Decided, and what `announcements` lists for referrals.
Never: reads a fact except through `consent.actions.release.release`; decides without a named human, a reason tied to a
criterion and its law, and the day until which the person can ask to look again; sends content by e-mail.

Lists run over `CaseGrant` rows alone, which carry the agency, the sort key and everything a row of the list shows.
"""
