"""Mutations of documents: trees of JSON and YAML, texts, and bytes."""

import copy
import json
from collections.abc import Callable, Iterable, Iterator
from typing import Any

import yaml
from hypothesis import strategies as st

Path = tuple[Any, ...]
"""The keys and positions on the way to a node."""

VALUES: list[Any] = [
    None, True, False, 0, 1, -1, 2**31, 2**63, -(2**63) - 1, 10**30, 10**400,
    0.5, -0.0, 1e-320, 1e308, -1e308, float("nan"), float("inf"), -float("inf"),
    "", " ", "a", "0", "1e3", "nan", "null", "true", "\0", "a\0b", "\x1b[31mred\x1b[0m", "\x07\x9b",
    "a\nb", "\r", "\t", "\ud800", "\u202eleft", "\u2028", "\ufeff", "\U0001f600", "é", "e\u0301",
    "../../evil", "/etc/passwd", "~", "$HOME", "a/b", ".", "..", "-", "--help", "{config}", "{x}",
    "%s", "64:100:10", ":smile:", "[red]x[/red]", "[/]", "<script>", "=1+1", "x" * 1000,
    "y" * 50_000, [], {}, [[]], [{}], {"": ""}, [None], ["a", "a"], [1, True],
    {"a": {"b": {"c": 1}}}, list(range(1000)), [[[[[[[[[[1]]]]]]]]]],
]  # fmt: skip
"""What no one, or someone, might write in place of a value."""

RAW = [
    "1e400", "-1e999", "1" * 5000, "[" * 3000, "{" * 500, '{"a":' * 2000, "[" * 500 + "]" * 500,
    "NaN", "-Infinity", "'", '"', "\\", '"\\ud800"', '"\\u0000"', '{"a": 1, "a": 2}', "", ",",
]  # fmt: skip
"""What no program would write."""

RAW_YAML = [
    "off", "NO", "~", "0o17", "017", "1:30", "1_000", "0x1F", "2024-02-30", "2024-01-01", ".nan",
    ".inf", "!!int abc", "!!float x", "!!binary x", "!!timestamp x", "!!python/object:os.system x",
    "!unknown x", "!!set {a, b}", "!!omap [a: 1]", "!!bool 3", "*missing", "&a [*a]", "&a {b: *a}",
    "<<: 1", "{<<: [1]}", "? [a]", "{[a]: 1}", "{{a: 1}: 2}", "| ", ">", "@", "`", "%", "- - -",
    "[&a [x,x,x,x,x,x,x,x,x,x],&b [*a,*a,*a,*a,*a,*a,*a,*a,*a,*a],&c [*b,*b,*b,*b,*b,*b,*b,*b,*b],"
    "&d [*c,*c,*c,*c,*c,*c,*c,*c],&e [*d,*d,*d,*d,*d,*d,*d,*d],&f [*e,*e,*e,*e,*e,*e,*e,*e],"
    "&g [*f,*f,*f,*f,*f,*f,*f,*f], [*g,*g,*g,*g,*g,*g]]",
]  # fmt: skip
"""The same of YAML: what other versions read otherwise, tags, and aliases that unfold."""

_MARK = "@@raw{}@@"

values = st.one_of(
    st.sampled_from(VALUES),
    st.integers(),
    st.floats(),
    st.text(max_size=20),
    st.lists(st.one_of(st.integers(), st.text(max_size=5)), max_size=5),
)


def items(node: Any) -> Iterable[tuple[Any, Any]]:
    """The children of a node by their keys or positions."""
    if isinstance(node, dict):
        return node.items()
    return enumerate(node) if isinstance(node, list) else ()


def paths(tree: Any) -> list[Path]:
    """The nodes of a tree but for its root."""

    def below(node: Any, before: Path) -> Iterator[Path]:
        for key, child in items(node):
            yield (*before, key)
            yield from below(child, (*before, key))

    return list(below(tree, ()))


def node_at(tree: Any, path: Path) -> Any:
    for key in path:
        tree = tree[key]
    return tree


def _delete(draw: st.DrawFn, tree: Any, path: Path) -> None:
    del node_at(tree, path[:-1])[path[-1]]


def _replace(draw: st.DrawFn, tree: Any, path: Path) -> None:
    node_at(tree, path[:-1])[path[-1]] = copy.deepcopy(draw(values))


def _other(draw: st.DrawFn, tree: Any, path: Path) -> None:
    """With a copy of another node, of any kind."""
    other = draw(st.sampled_from(paths(tree)))
    node_at(tree, path[:-1])[path[-1]] = copy.deepcopy(node_at(tree, other))


def _duplicate(draw: st.DrawFn, tree: Any, path: Path) -> None:
    parent, twin = node_at(tree, path[:-1]), copy.deepcopy(node_at(tree, path))
    times = draw(st.sampled_from([1, 2, 300]))
    if isinstance(parent, list):
        parent[path[-1] : path[-1]] = [twin] * times
    else:
        parent |= {f"{path[-1]}{i}": twin for i in range(times)}


def _rename(draw: st.DrawFn, tree: Any, path: Path) -> None:
    parent = node_at(tree, path[:-1])
    if isinstance(parent, dict):
        name = draw(st.sampled_from([v for v in VALUES if isinstance(v, str)]) | st.text())
        renamed = {name if key == path[-1] else key: value for key, value in parent.items()}
        parent.clear()
        parent |= renamed


def _swap(draw: st.DrawFn, tree: Any, path: Path) -> None:
    parent = node_at(tree, path[:-1])
    key = draw(st.sampled_from(list(parent) if isinstance(parent, dict) else range(len(parent))))
    parent[key], parent[path[-1]] = parent[path[-1]], parent[key]


def _wrap(draw: st.DrawFn, tree: Any, path: Path) -> None:
    parent, node = node_at(tree, path[:-1]), node_at(tree, path)
    parent[path[-1]] = draw(st.sampled_from([[node], {"a": node}, [node, node], str(node)[:500]]))


def _add(draw: st.DrawFn, tree: Any, path: Path) -> None:
    node = node_at(tree, path)
    if isinstance(node, dict):
        node[draw(st.text(max_size=10))] = copy.deepcopy(draw(values))
    elif isinstance(node, list):
        node.append(copy.deepcopy(draw(values)))


_CHANGES = [_delete, _replace, _other, _duplicate, _rename, _swap, _wrap, _add]


@st.composite
def changed_trees(draw: st.DrawFn, tree: Any) -> Any:
    """A tree with one to three changes at nodes anywhere in it."""
    tree = copy.deepcopy(tree)
    for _ in range(draw(st.integers(1, 3))):
        if places := paths(tree):
            change = draw(st.sampled_from(_CHANGES))
            change(draw, tree, draw(st.sampled_from(places)))
    return tree


@st.composite
def _with_raw(draw: st.DrawFn, tree: Any, dump: Callable[[Any], str], raw: list[str]) -> bytes:
    """A changed tree as text, sometimes with a value that no tree has."""
    tree = draw(changed_trees(tree))
    pieces: dict[str, str] = {}
    if (places := paths(tree)) and draw(st.integers(0, 2)) == 2:
        place, mark = draw(st.sampled_from(places)), _MARK.format(0)
        node_at(tree, place[:-1])[place[-1]] = mark
        pieces[mark] = draw(st.sampled_from(raw))
    text = dump(tree)
    for mark, piece in pieces.items():
        text = text.replace(f'"{mark}"', piece).replace(f"'{mark}'", piece).replace(mark, piece)
    return text.encode("utf-8", "surrogatepass")


def json_trees(content: bytes) -> st.SearchStrategy[bytes]:
    """A JSON file with changes to its tree."""
    return _with_raw(json.loads(content), _json, RAW)


def _json(tree: Any) -> str:
    return json.dumps(tree, indent=1)


def yaml_trees(content: bytes) -> st.SearchStrategy[bytes]:
    """A YAML file with changes to its tree; what is there several times may become an alias."""
    return _with_raw(yaml.safe_load(content), _yaml, RAW_YAML + RAW)


def _yaml(tree: Any) -> str:
    return yaml.safe_dump(tree, sort_keys=False, default_flow_style=None, allow_unicode=True)


TOKENS = [
    b"\0", b"\xff", b"\xc3", b"\xed\xa0\x80", b"\xef\xbb\xbf", b"\xff\xfe", b"\x1b[2J", b"\r",
    b"\n", b"\t", b" ", b"'", b'"', b":", b"- ", b"{", b"}", b"[", b"]", b",", b"#", b"&a ", b"*a",
    b"!!", b"|", b"%", b"1e999", b"0" * 300, b"NaN", b"null", b"---\n", b"\n...\n", b"<<: ",
    b"\xe2\x80\xa8",
]  # fmt: skip


@st.composite
def texts(draw: st.DrawFn, content: bytes) -> bytes:
    """A file with one to four changes to its bytes: cut, inserted, swapped, flipped, repeated."""
    found = bytearray(content)
    for _ in range(draw(st.integers(1, 4))):
        first, last = sorted(draw(st.tuples(*[st.integers(0, len(found))] * 2)))
        near = min(last, first + 40)
        kind = draw(st.sampled_from(["flip", "insert", "cut", "remove", "repeat", "swap", "any"]))
        if kind == "flip" and first < len(found):
            found[first] ^= 1 << draw(st.integers(0, 7))
        elif kind == "insert":
            found[first:first] = draw(st.sampled_from(TOKENS))
        elif kind == "cut":
            del found[first:]
        elif kind == "remove":
            del found[first:near]
        elif kind == "repeat":
            found[first:first] = found[first:near] * draw(st.sampled_from([1, 3, 500]))
        elif kind == "swap":
            found[first:last] = found[near:last] + found[first:near]
        else:
            found[first:near] = draw(st.binary(max_size=40))
    return bytes(found)


@st.composite
def lines(draw: st.DrawFn, content: bytes) -> bytes:
    """A file of JSON objects, one a line: a line changed, and lines deleted, repeated, moved."""
    found = content.splitlines()
    for _ in range(draw(st.integers(1, 3))):
        if not found:
            break
        place = draw(st.integers(0, len(found) - 1))
        kind = draw(st.sampled_from(["tree", "text", "delete", "repeat", "move", "empty"]))
        if kind == "tree":
            found[place] = b" ".join(draw(json_trees_of_line(found[place])).splitlines())
        elif kind == "text":
            found[place] = draw(texts(found[place]))
        elif kind == "delete":
            del found[place]
        elif kind == "repeat":
            found[place:place] = [found[place]] * draw(st.sampled_from([1, 50]))
        elif kind == "move":
            found.insert(draw(st.integers(0, len(found) - 1)), found.pop(place))
        else:
            found.insert(place, b"")
    return b"\n".join(found) + b"\n"


def json_trees_of_line(line: bytes) -> st.SearchStrategy[bytes]:
    """A line with changes to its tree, or to its bytes where it is none any more."""
    try:
        return json_trees(line)
    except ValueError:
        return texts(line)
