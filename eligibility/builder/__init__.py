"""A condition as rows for people who do not program: what it holds (`rows`), what it can speak of and says (`words`), its own terms."""
