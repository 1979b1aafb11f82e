"""Run the migrations on the connection that `migrated` opened and locked."""

from alembic import context

from pipelines.candidates.tables import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    render_as_batch=True,  # SQLite alters a table by copying it
)
context.run_migrations()
