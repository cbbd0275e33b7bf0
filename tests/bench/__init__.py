"""Speed, measured side by side in one run: `make bench` (`--quick`, the default, or `--full`).

Every figure is a ratio to something of the same run (a control, the smallest size, the unit page), so that a slow or busy
machine moves both sides. Nothing here runs inside pytest: a timed test that fails on a busy day teaches nobody anything.
"""
