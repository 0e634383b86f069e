"""The metric that is guessed, and that its pattern finds what the program prints."""

import re

import pytest
from init_support import from_text, options

CALL = "'--lr', type=float, default=0.1"


@pytest.mark.parametrize(
    ("code", "printed", "value", "direction"),
    [
        ("print(f'val_loss={x:.4f}')", "val_loss=0.1234", "0.1234", "minimize"),
        ("print(f'val_loss={x:10.4f}')", "val_loss=    0.1234", "0.1234", "minimize"),
        ("print('accuracy:', x)", "accuracy: 0.9", "0.9", "maximize"),
        ("print('accuracy: %.1f%%' % x)", "accuracy: 90.0%", "90.0", "maximize"),
        ("print('rmse {:.3f}, r2 {}'.format(x, y))", "rmse 1.5e-05, r2 1", "1.5e-05", "minimize"),
        ("print(json.dumps({'val_auc': x}))", '{"val_auc": 0.5}', "0.5", "maximize"),
        ("logging.info('test error: %s', x)", "INFO test error: nan", "nan", "minimize"),
        ("print('f1 is ' + str(x))", "f1 is 0.5", "0.5", "maximize"),
        ("print(f'{x=}, {loss=}')", "x=1, loss=-2", "-2", "minimize"),
        ("accuracy = 1\nprint(accuracy)", "0.75", "0.75", "maximize"),
        ("print(f'Score: {x}ms')", "Score: 3.5ms", "3.5", "maximize"),
    ],
)
def test_what_is_printed_is_found(code: str, printed: str, value: str, direction: str) -> None:
    objective = from_text(options(CALL, rest=code))[0]["objective"]
    assert objective["direction"] == direction
    found = re.search(objective["metric_pattern"], printed)
    assert found
    assert found[1] == value


@pytest.mark.parametrize(
    ("code", "metric"),
    [
        ("print(f'train loss {a}, val loss {b}')", "val_loss"),
        ("print(f'val_acc {a}')\nprint(f'train_acc {b}')", "val_acc"),
        ("print(f'loss {a}')\nprint(f'final loss {b}')", "final_loss"),
        ("print(f'epoch {a} lr {b} error {c}')", "error"),
        ("print(f'train loss {a}')", "train_loss"),
    ],
)
def test_of_several_the_one_that_matters_is_taken(code: str, metric: str) -> None:
    assert from_text(options(CALL, rest=code))[0]["objective"]["metric"] == metric


def test_a_training_metric_in_the_same_line_is_not_matched() -> None:
    code = "print(f'train_loss: {a} loss: {b}')"
    pattern = from_text(options(CALL, rest=code))[0]["objective"]["metric_pattern"]
    assert re.findall(pattern, "train_loss: 1 loss: 2") == ["2"]


@pytest.mark.parametrize("code", ["pass", "print('done')", "print(f'epoch {a}')", "print(args.lr)"])
def test_a_program_that_says_nothing_leaves_something_to_fill_in(
    code: str, capsys: pytest.CaptureFixture[str]
) -> None:
    content, _ = from_text(options(CALL, rest=code))
    assert content["objective"]["metric"] == "error"
    out = capsys.readouterr().out
    assert "objective.metric: it is not clear what program.py prints" in out
    assert "objective.direction: minimize or maximize" in out
