"""The database engine `portal.database`: PostgreSQL with two habits of this house.

1. When a transaction begins, the acting person is written into it (`portal.kit.actor.apply_context`), so that row-level
   security knows who asks. Outside a transaction nobody asks, and the policies show nothing.
2. The first connection of a process refuses to serve with a role that could step over those policies.
"""
