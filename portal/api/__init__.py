"""The API's frame: who calls, what is refused by default, how errors read, and where each package's part is mounted.

Each package keeps its own `api.py` with a list `urlpatterns`; they are named here as strings only.
"""
