"""The fault rig: real servers, killed with kill -9 while referrals are on their way, and the books checked afterwards.

Measured ideas behind it: a referral is a row in PostgreSQL before it is a hint in the broker, one row is delivered in one
transaction, and the receiver dedupes by the row's key. The naive control shows that the rig bites.
"""
