"""Rows of an adopted collection stay as they are, on SQLite and on PostgreSQL; changes and withdrawals are told."""

from pipelines.candidates.collection import AdoptedRow, CollectionFile, imported_now
from pipelines.candidates.store import Store
from pipelines.records import COLUMNS


def adopted(filename: str, occurrence: int = 0, **cells: str) -> AdoptedRow:
    row = dict.fromkeys(COLUMNS, "") | {"filename": filename} | cells
    return AdoptedRow(filename=filename, occurrence=occurrence, row=row, extra=[("", "  naïve \u2028=1+1\x01")])


def a_file() -> CollectionFile:
    return imported_now("metadata.csv", "a" * 64, "utf-8", ["filename", ""], 2, "Ada")


def test_rows_come_back_verbatim_and_in_order(store: Store) -> None:
    rows = [adopted("b.jpg", sex=" Unclear"), adopted("a.jpg"), adopted("b.jpg", 1)]
    assert store.adopt(a_file(), rows).added == ["b.jpg", "a.jpg", "b.jpg"]
    assert store.adopted() == rows
    again = store.adopt(a_file(), rows)
    assert (again.unchanged, again.added, again.changed) == (3, [], [])
    assert len(store.imports()) == 1


def test_changes_add_up_and_withdrawn_rows_are_remembered(store: Store) -> None:
    store.adopt(a_file(), [adopted("a.jpg"), adopted("b.jpg")])
    changed = store.adopt(a_file(), [adopted("a.jpg", sex="F")], withdraw="asked for by the patient")
    assert [(change.column, change.before, change.after) for change in changed.changed] == [("sex", "", "F")]
    assert store.cell_changes() == changed.changed
    assert [(row.filename, why.reason, why.by) for row, why in store.withdrawn()] == [
        ("b.jpg", "asked for by the patient", "Ada")
    ]
    assert [row.filename for row in store.adopted()] == ["a.jpg"]
    assert store.adopt(a_file(), [adopted("a.jpg", sex="F"), adopted("b.jpg")]).added == ["b.jpg"]
    assert store.withdrawn() == []
    assert len(store.imports()) == 3
