"""The kit: small machine parts every package builds with.

Owns: who acts (`actor`), which rule guards a page (`access`), state tables (`states`), announcing after commit
(`announce`), the outbox base (`outgoing`), identifiers (`identity`), money, working days (`clocks`), charts.
Never: knows a programme, a record, a case, or any package above `portal`.
"""
