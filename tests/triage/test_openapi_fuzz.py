"""The application answers as its own OpenAPI description says, whatever it is sent, and never with a fault."""

import schemathesis
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import content_type_conformance, status_code_conformance
from workspace import Desk

CHECKS = [not_a_server_error, content_type_conformance, status_code_conformance]
EXAMPLES = 4  # of each of some 25 operations: a few seconds


def test_every_operation_keeps_its_description(desk: Desk) -> None:
    schema = schemathesis.openapi.from_url(f"{desk.client.base_url}/openapi.json")
    headers = {"X-CSRF-Token": desk.token()}
    first = desk.first().id
    operations = [operation.ok() for operation in schema.get_all_operations()]
    assert len(operations) > 20
    for operation in operations:

        @settings(max_examples=EXAMPLES, deadline=None, database=None, suppress_health_check=list(HealthCheck))
        @given(case=operation.as_strategy(), known=st.booleans())
        def keeps_it(case: schemathesis.Case, known: bool) -> None:
            if known and "id" in (case.path_parameters or {}):
                case.path_parameters["id"] = first
            case.call_and_validate(checks=CHECKS, headers=headers, timeout=20)

        keeps_it()
