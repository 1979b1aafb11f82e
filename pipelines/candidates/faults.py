"""What can go wrong with the store, as an error that names the place and the remedy."""


class StoreError(Exception):
    """Say why the database cannot be used, and what to do about it."""
