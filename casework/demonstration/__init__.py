"""The demonstration pack: agencies, staff, sharing terms, and people at every stage, made through the product's own actions.

It stands on the top floor because it walks through all of them. Data: `deploy/demonstration/`. Nothing here runs outside a
demonstration (`settings.DEMONSTRATION`).
"""
