"""What can go wrong with the store, as an error that names the place and the remedy."""


class StoreError(Exception):
    """Say why the database cannot be used, and what to do about it."""


class ConflictError(Exception):
    """Say that a candidate was decided or proposed anew since the revision that a decision was made on."""
