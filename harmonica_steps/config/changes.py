"""What may change in the middle of a search."""

import json
import re
from collections.abc import Mapping
from typing import Any

MOST_SHOWN = 100
"""Characters of a value in a message."""

ALWAYS_CHANGES = re.compile(
    r"results|objective\.(timeout|deaths|accept_result|preload)|(stages\.\d+|final)\.failures\.stop_after"
)
"""Keys that no result depends on."""

MAY_CHANGE = re.compile(
    r"results|objective\.(timeout|deaths|accept_result|preload|direction|transform)"
    r"|stages\.\d+\.(samples|guided|degree|sparsity|keep|apart|incumbent|selection|patience|failures\..*)"
    r"|final\.(?!optimiser).*|start(\..*)?"
)
"""Keys that may change in the middle of a search. What has been trained stays what it is; where
other configurations follow from the change, they are trained and the old records set aside."""


def forbidden(before: Mapping[str, Any], now: Mapping[str, Any], *, whole: bool) -> list[str]:
    """The changes of a configuration that would mix two searches.

    Parameters
    ----------
    before, now
        Configurations as plain data.
    whole
        Whether it is known which results a change affects; otherwise nothing may change that
        any result depends on.

    Returns
    -------
    list of str
        A line for each key: what it is in the results, and what in the configuration.
    """
    old, new = _flat(before), _flat(now)
    for flat in (old, new):
        for key in ("stages", "forbidden"):
            flat.pop(key, None)  # it is there only if there are none
    # Other orders draw other samples.
    old["space"], new["space"] = list(before["space"]), list(now["space"])
    allowed = MAY_CHANGE if whole else ALWAYS_CHANGES
    return [
        f"{key}: {_shown(old, key)} in the results, {_shown(new, key)} in the config"
        for key in dict.fromkeys([*old, *new])
        # An optional key that an earlier version did not know is as good as absent.
        if old.get(key) != new.get(key)
        and not allowed.fullmatch(key)
        and not (whole and _of_one_only(key, old, new))
    ]


def _flat(content: object, prefix: str = "") -> dict[str, object]:
    if isinstance(content, dict) and content:
        items: list[tuple[str, object]] = [(str(k), v) for k, v in content.items()]
    elif isinstance(content, list) and content and isinstance(content[0], dict):
        items = [(str(i), v) for i, v in enumerate(content, start=1)]
    else:
        return {prefix: content}
    flat: dict[str, object] = {}
    for key, value in items:
        flat |= _flat(value, f"{prefix}.{key}" if prefix else key)
    return flat


def _of_one_only(key: str, before: Mapping[str, object], now: Mapping[str, object]) -> bool:
    """Whether a key belongs to a stage that is new, or not wanted any more."""
    stage = re.match(r"stages\.\d+\.", key)
    return stage is not None and (f"{stage[0]}samples" in before) != (f"{stage[0]}samples" in now)


def _shown(flat: Mapping[str, object], key: str) -> str:
    if key not in flat:
        return "absent"
    text = json.dumps(flat[key])
    return text if len(text) <= MOST_SHOWN else f"{text[: MOST_SHOWN - 3]}..."
