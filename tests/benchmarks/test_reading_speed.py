"""How many rows a second one core reads; the goal is 200, every text a new one."""

from itertools import count

import pytest
from pytest_benchmark.fixture import BenchmarkFixture

from pipelines.reading.rows import interpreted

TEXT = (
    "A 61-year-old woman presented with fever of 38.5 °C and dry cough for 4 days. SpO2 was 91% on room air, and "
    "oxygen was given at 4 L/min. RT-PCR was positive for SARS-CoV-2. She was transferred to the ICU on March 12, "
    "2020 and intubated. (a) AP chest radiograph on admission shows bilateral opacities. (b) Radiograph obtained 3 "
    "days later shows progression, without effusion. She was discharged on day 20, case {number}."
)


def test_rows_per_second(benchmark: BenchmarkFixture, request: pytest.FixtureRequest) -> None:
    numbers = count()
    at_once = 50 if request.config.getoption("benchmark_enable") else 2

    def rows() -> list[dict[str, str]]:
        return [{"row_id": "1", "clinical_notes": TEXT.format(number=next(numbers))} for _ in range(at_once)]

    list(interpreted(rows()))
    benchmark.pedantic(lambda texts: list(interpreted(texts)), setup=lambda: ((rows(),), {}), rounds=5)
