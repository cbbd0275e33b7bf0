"""The casework package."""
