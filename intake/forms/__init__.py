"""Forms on the screen: made from question definitions (`questions`), and the fixed ones (`pages`). `main.toml` is the form shipped."""
