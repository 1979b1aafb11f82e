"""Bring a database to the newest schema.

A change of `tables.py` needs a file in `versions/` that follows the last one; the test of the migrations compares the
two and says what is lacking.
"""

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Engine, text

from pipelines.candidates.faults import StoreError
from pipelines.candidates.filling import filled

# Any number will do, as long as nothing else in the database takes the same advisory lock.
_ADVISORY_LOCK = 20200311


def migrated(engine: Engine) -> None:
    """Upgrade the database to the newest revision; of several processes one does it, the others wait."""
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent))
    scripts = ScriptDirectory.from_config(config)
    with engine.begin() as connection:
        current = MigrationContext.configure(connection).get_current_revision()
    if current == scripts.get_current_head():
        return
    if current and current not in {script.revision for script in scripts.walk_revisions()}:
        raise StoreError(f"the database is at revision {current}, which this version does not know: update the program")
    with engine.connect().execution_options(begin="IMMEDIATE") as connection, connection.begin():
        if engine.dialect.name == "postgresql":
            connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _ADVISORY_LOCK})
        config.attributes["connection"] = connection
        command.upgrade(config, "head")
        if current:
            filled(connection)
