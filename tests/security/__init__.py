"""Attempts to get past the walls: everybody at every door, markers searched everywhere, hostile input, and walls taken down."""
