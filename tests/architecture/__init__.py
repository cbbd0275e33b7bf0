"""The law of the code, as tests: who may import, write, point, and answer a request."""
