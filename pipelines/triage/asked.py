"""What a request may ask: the filter of the queue, and the bodies of writes, as JSON or as a form."""

import json
from dataclasses import asdict
from typing import Annotated, Any, ClassVar, Literal, Self, TypeVar
from urllib.parse import parse_qsl, urlencode

from fastapi import Depends, Path, Query, Request
from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError, model_validator
from starlette.datastructures import FormData

from pipelines.candidates.queue import Filter
from pipelines.records import COLUMNS, CandidateState

FORMS = ("application/x-www-form-urlencoded", "multipart/form-data")
MOST_BOXES = 26  # a letter each
MOST_AT_ONCE = 500  # what a person can look over in one preview

CandidateId = Annotated[str, Path(max_length=64)]
Revision = Annotated[int, Field(ge=0, lt=2**31)]  # an integer column ends there


class Body(BaseModel):
    """Hold the body of a write; of a form, the fields named in `repeated` may stand several times."""

    model_config = ConfigDict(extra="forbid")
    repeated: ClassVar[frozenset[str]] = frozenset()


class FilterAsked(BaseModel):
    """Narrow the queue; blank leaves a facet open."""

    state: CandidateState | Literal["", "changed"] = "pending"
    source: str = Field("", max_length=200)
    finding: str = Field("", max_length=200)
    modality: str = Field("", max_length=200)
    issue: str = Field("", max_length=200)
    licence: str = Field("", max_length=200)
    text: str = Field("", max_length=200)


def _filter(asked: Annotated[FilterAsked, Query()]) -> Filter:
    return Filter(**asked.model_dump())


Filtered = Annotated[Filter, Depends(_filter)]


def filter_of(query: str) -> Filter:
    """Return the filter that a query string names; raise `RequestValidationError` for one that is none."""
    return Filter(**_checked(FilterAsked, dict(parse_qsl(query, keep_blank_values=True))).model_dump())


def query_of(filter: Filter, **changes: str) -> str:
    """Return the filter, with changes, as a query string without its question mark; what is default is left out."""
    usual = asdict(Filter())
    asked = asdict(filter) | changes
    return urlencode({name: value for name, value in asked.items() if value != usual.get(name, "")})


def with_query(path: str, query: str) -> str:
    """Return the address of a path with a query, which may be blank."""
    return f"{path}?{query}" if query else path


def _parsed(value: Any) -> Any:
    """Return what a form field holds as JSON; a JSON body holds it as it is."""
    return json.loads(value or "null") if isinstance(value, str) else value


class DecisionAsked(Body):
    """Decide on a candidate as it stood at `revision`; `reason` is a word of reasons.toml."""

    action: Literal["accept", "reject", "duplicate", "unsure", "judge"]
    revision: Revision
    reason: str = Field("", max_length=200)
    detail: Annotated[dict[str, str], BeforeValidator(lambda value: _parsed(value) or {})] = {}


class FieldAsked(Body):
    """Put a value into a cell; with `evidence` (`block`, `start`, `end`) it rests on these characters of the case.

    Without `value` the quote itself is the value.
    """

    revision: Revision
    column: Literal[COLUMNS]  # type: ignore[valid-type]  # the schema's columns, told once
    value: str | None = Field(None, max_length=20_000)
    evidence: Annotated[dict[str, int | str] | None, BeforeValidator(_parsed)] = None


class PanelsAsked(Body):
    """Draw the films of a picture: one box moves the candidate's, several split it; (left, top, right, bottom)."""

    revision: Revision
    boxes: Annotated[
        list[Annotated[list[int], Field(min_length=4, max_length=4)]],
        Field(min_length=1, max_length=MOST_BOXES),
        BeforeValidator(_parsed),
    ]
    labels: Annotated[list[str], BeforeValidator(lambda value: _parsed(value) or [])] = []


class BulkAsked(Body):
    """Decide alike on all that pass a filter (`query`, as in the queue's address)."""

    model_config = ConfigDict(extra="ignore")  # the queue's own form, filter fields and all

    query: str = Field("", max_length=2000)
    action: Literal["accept", "reject", "unsure"]
    reason: str = Field("", max_length=200)


class BulkChosen(BulkAsked):
    """Decide alike on exactly those candidates that a preview showed, each at the revision that it showed."""

    repeated = frozenset({"ids", "revisions"})

    ids: list[str] = Field(min_length=1, max_length=MOST_AT_ONCE)
    revisions: list[Revision] = Field(min_length=1, max_length=MOST_AT_ONCE)

    @model_validator(mode="after")
    def _pairs(self) -> Self:
        if len(self.ids) != len(self.revisions) or len(set(self.ids)) != len(self.ids):
            raise ValueError("each of ids stands once and needs one of revisions")
        return self


Asked = TypeVar("Asked", bound=BaseModel)


def given(model: type[Body]) -> Any:
    """Return the dependency that reads this model from a JSON body or a form; a wrong one is answered with 422."""

    async def read(request: Request) -> Body:
        return _checked(model, await _body(request, model.repeated))

    return Depends(read)


def takes(model: type[Body]) -> dict[str, Any]:
    """Return the description of such a body for OpenAPI."""
    schema = model.model_json_schema()
    form = schema | {"properties": schema["properties"] | {"csrf": {"type": "string"}}}
    return {"requestBody": {"content": {"application/json": {"schema": schema}, FORMS[0]: {"schema": form}}}}


async def form_of(request: Request) -> FormData:
    """Return the form of a request; a bulk decision has two fields for each candidate."""
    return await request.form(max_fields=2 * MOST_AT_ONCE + 20)


async def _body(request: Request, repeated: frozenset[str]) -> Any:
    if request.headers.get("content-type", "").startswith(FORMS):
        form = await form_of(request)
        return {name: form.getlist(name) if name in repeated else form[name] for name in form if name != "csrf"}
    try:
        return json.loads(await request.body() or b"{}")
    except (ValueError, RecursionError) as error:
        raise _wrong(f"is no JSON text: {error}") from None


def _checked(model: type[Asked], body: Any) -> Asked:
    try:
        checked = model.model_validate(body)
        _keepable(checked)
    except ValidationError as error:
        raise RequestValidationError([{**item, "loc": ("body", *item["loc"])} for item in error.errors()]) from None
    except (ValueError, RecursionError) as error:
        raise _wrong(str(error)) from None
    return checked


def _keepable(checked: BaseModel) -> None:
    """Raise `ValueError` for text that no store takes: half a surrogate pair, or NUL, which PostgreSQL refuses."""
    text = json.dumps(checked.model_dump(), ensure_ascii=False)
    text.encode()
    if "\\u0000" in text:
        raise ValueError("holds a NUL character")


def _wrong(message: str) -> RequestValidationError:
    return RequestValidationError([{"loc": ("body",), "msg": message, "type": "value_error"}])
