"""The eligibility package."""
