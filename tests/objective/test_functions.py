"""A Python function as the program: what it is given, and what becomes of what it returns."""

from pathlib import Path

import pytest
from objective_support import python

pytestmark = pytest.mark.usefixtures("_own_folder")


@pytest.fixture
def _own_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


@pytest.mark.parametrize(
    ("body", "value"),
    [
        ("def objective(config):\n    return 0.5", 0.5),
        ("def objective(config):\n    return {'error': 0.5, 'loss': 2}", 0.5),
        ("import numpy\ndef objective(config):\n    return numpy.float32(0.5)", 0.5),
        ("import numpy\ndef objective(config):\n    return {'error': numpy.int64(3)}", 3.0),
        ("import decimal\ndef objective(config):\n    return decimal.Decimal('0.5')", 0.5),
        ("import numpy\ndef objective(config):\n    return numpy.array([[0.5]])", 0.5),
        ("def objective(config):\n    return {'error': 0.5, 'model': object(), 'w': {1, 2}}", 0.5),
        ("def objective(config, *, budget):\n    return budget", 1.0),
        ("def objective(c, checkpoint):\n    return float(checkpoint.is_dir())", 1.0),
        ("def objective(c, **given):\n    return len(given)", 5.0),
        (
            "def objective(config):\n    return type(config['a']) is bool and config['rate'] + 2",
            None,
        ),
    ],
    ids=[
        "number",
        "dict",
        "numpy",
        "numpy in dict",
        "decimal",
        "array",
        "others",
        "budget",
        "checkpoint",
        "all",
        "config",
    ],
)
def test_a_function_is_called_with_what_it_names(body: str, value: float | None) -> None:
    record = python(body).run()
    assert record["status"] == "ok", record["error"]
    assert record["value"] == (record["configuration"]["rate"] + 2 if value is None else value)


def test_a_function_is_given_the_recorded_seed() -> None:
    record = python("def objective(config, seed):\n    return seed").run()
    assert record["value"] == record["seed"]


@pytest.mark.parametrize(
    ("body", "status", "error"),
    [
        ("raise ValueError('no data')", "failed", "exit status 1: ValueError: no data"),
        ("return float('nan')", "diverged", "'error' is not finite"),
        ("return None", "failed", "'error' is a null, not a number"),
        ("return object()", "failed", "'error' is an object of type object, which is not JSON ser"),
        ("return 1j", "failed", "'error' is an object of type complex, which is not JSON"),
        ("return (x for x in [1])", "failed", "of type generator"),
        ("return b'1'", "failed", "of type bytes"),
        ("import numpy; return numpy.ones(2)", "failed", "of type ndarray"),
        ("return type('T', (), {'__float__': lambda s: 1 / 0})()", "failed", "division by zero"),
        ("return 10**5000", "diverged", "'error' is too large"),
        ("return -(10**5000)", "diverged", "'error' is too large"),
        ("return True", "failed", "'error' is a truth value, not a number"),
        ("return '0.5'", "failed", "'error' is a string, not a number"),
        ("return [0.5]", "failed", "'error' is a list, not a number"),
        ("import os; os._exit(0)", "failed", "wrote no result file"),
        ("import os; os.abort()", "killed", "died of signal SIGABRT"),
    ],
)
def test_a_function_that_fails_is_recorded(body: str, status: str, error: str) -> None:
    record = python(f"def objective(config):\n    {body}").run()
    assert (record["status"], record["value"]) == (status, None)
    assert error in record["error"]
