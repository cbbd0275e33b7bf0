"""What the product is compared with: the unit page, a plain intake by Django REST framework, an unscoped list.

An app of the bench alone: its tables are made by the bench in a throw-away database and belong to no migration.
"""
