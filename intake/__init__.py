"""The intake package."""
