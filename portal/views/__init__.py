"""What the portal shows: the entrance, accounts, health."""
