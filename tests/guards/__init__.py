"""Classes of mistakes turned into failures of whichever test meets them. Loaded for every test by `tests/conftest.py`."""
