"""What a comparison says in sentences: which is best, and what cannot be compared."""

from collections.abc import Callable, Iterator, Sequence

from harmonica_steps.records.direction import sign_of
from harmonica_steps.report.comparison import Compared, Comparison, Group
from harmonica_steps.report.comparison_common import in_common
from harmonica_steps.report.comparison_progress import EqualCost
from harmonica_steps.report.console import duration
from harmonica_steps.report.labels import cut
from harmonica_steps.report.words import number

MOST_NAMED = 2
"""Searches that a sentence names in addition to the best."""
UNEQUAL = 1.5
"""Ratio of trainings from which on two searches have not had the same chance."""


def headline(comparison: Comparison) -> str:
    """Which is best, as far as that can be said."""
    ranked = [group for group in comparison.groups if len(group.members) > 1]
    if not comparison.groups:
        return "None of these searches has a result yet."
    if not ranked:
        found = [
            f"{member.short}: {_metric(member)} {_value(member)} ({member.answer.chosen})"
            for group in comparison.groups
            for member in group.members
            if member.answer
        ]
        why = (
            "Only one of them has a result"
            if len(found) == 1
            else "These results are not comparable, so there is no best"
        )
        return f"{why}. {_listed(found, '; ')}."
    several = len({m.answer.budget for g in comparison.groups for m in g.members if m.answer}) > 1
    said = [_ranked(group, several) for group in ranked]
    alone = [group.members[0].short for group in comparison.groups if len(group.members) == 1]
    if alone:
        said.append(f"{_listed(alone)} cannot be ranked with {'them' if said else 'others'}.")
    return " ".join(said)


def _ranked(group: Group, with_budget: bool) -> str:
    best, first = group.best, group.members[0]
    where = f" at budget {first.answer.budget:g}" if with_budget and first.answer else ""
    what = f"{_metric(first)} {_value(first)}"
    names = _listed([member.short for member in best])
    if len(best) == len(group.members):
        return f"{names} are equally good{where}: {what}."
    who = f"{names} is best" if len(best) == 1 else f"{names} are best"
    others = [f"{_value(m)} of {m.short}" for m in group.members if m not in best]
    return f"{who}{where}: {what}, against {_few(others)} ({_better(first)} is better)."


def scale(search: Compared) -> str:
    """What its value has in common with those that are ranked with it."""
    budget = f" at budget {search.answer.budget:g}" if search.answer else ""
    fixed = f" with {_fixed(search)}" if search.answer and search.answer.fidelity else ""
    return f"{_metric(search)}{budget}{fixed} ({_better(search)} is better)"


def cautions(comparison: Comparison) -> list[str]:
    """What to know before comparing, the gravest first."""
    searches = sorted(comparison.searches, key=lambda search: search.label)
    return [*_scales(searches), *_chances(searches), *_spaces(searches)]


def _scales(searches: Sequence[Compared]) -> Iterator[str]:
    """What keeps values from being compared."""
    known = [search for search in searches if search.answer]
    if missing := [search.short for search in searches if not search.answer]:
        have = "have" if len(missing) > 1 else "has"
        yield f"{_listed(missing)} {have} no training with a usable metric yet."
    metrics = _differences(searches, _metric)
    if metrics:
        yield (
            f"They optimise different metrics: {metrics}. Their values are listed side by side, "
            "but not ranked. Their findings about the parameters, their settings and their costs "
            "can still be compared."
        )
    if directions := _differences(searches, lambda s: f"{_better(s)} is better"):
        yield f"They do not optimise in the same direction, so they are not ranked: {directions}."
    if not metrics:
        budgets = _differences(known, lambda s: f"budget {s.answer.budget:g}" if s.answer else "")
        if budgets:
            yield (
                f"Their best values are at different budgets: {budgets}. A value at one budget "
                "says little about another budget, so they are not ranked."
            )
        fixed = _differences(known, _fixed)
        if fixed:
            yield (
                f"Their trainings have different fixed settings: {fixed}. So their values are not "
                "ranked."
            )
        common = in_common(known) if budgets or fixed else None
        if common:
            said = [f"{number(v)} of {s.short} (best of {count})" for s, v, count in common.best]
            yield f"All of them have also trained at budget {common.budget:g}: {_listed(said)}."


def _chances(searches: Sequence[Compared]) -> Iterator[str]:
    """What makes a comparison of values that are on one scale unfair."""
    programs = {
        repr((s.facts.search.config.objective.command, s.facts.search.config.objective.callable))
        for s in searches
    }
    if len(programs) > 1:
        yield (
            "They run different commands. Their values can only be compared if the programs "
            "measure the same thing: see the table of configurations."
        )
    again = [s.short for s in searches if s.answer and s.answer.retrained]
    once = [s.short for s in searches if s.answer and not s.answer.retrained]
    if again and once:
        yield (
            f"The value of {_listed(again)} is a mean of trainings with new seeds; that of "
            f"{_listed(once)} is the best of many, and therefore optimistically biased."
        )
    if running := [s.short for s in searches if not s.finished and s.facts.done]:
        have = "have" if len(running) > 1 else "has"
        yield f"{_listed(running)} {have} not ended: these are its results so far."
    counts = [search.facts.done for search in searches if search.facts.done]
    if counts and max(counts) >= UNEQUAL * min(counts):
        said = _listed([f"{s.short} {s.facts.done:,}" for s in searches if s.facts.done])
        yield (
            f"They have had different numbers of trainings ({said}): progress at equal cost is the "
            "fairer comparison."
        )


def _spaces(searches: Sequence[Compared]) -> Iterator[str]:
    """What bears on how much agreement is worth."""
    names = [set(search.facts.search.space.names) for search in searches]
    shared, every = set.intersection(*names), set.union(*names)
    if shared != every:
        yield f"Their spaces differ: {len(shared)} of {len(every)} parameters are in all of them."
    drawn: dict[tuple[int, str], list[str]] = {}
    for search in searches:
        config = search.facts.search.config
        drawn.setdefault((config.seed, repr(config.space)), []).append(search.short)
    if alike := [_listed(names) for names in drawn.values() if len(names) > 1]:
        yield (
            f"With the same seed and space, {'; '.join(alike)} may have drawn the same samples: "
            "their agreement proves little."
        )


def at_equal_cost(costs: EqualCost) -> str:
    """Which was ahead when all had cost as much as the cheapest one did in the end."""
    ends = (
        ((costs.trainings, None), f"{costs.trainings:,} trainings"),
        ((None, costs.cpu_seconds), f"{duration(costs.cpu_seconds)} of CPU time"),
    )
    return " ".join(
        _ahead([(c.search, c.at(*cost)) for c in costs.courses], f"After {words}")
        for cost, words in ends
    )


def _ahead(found: Sequence[tuple[Compared, float | None]], after: str) -> str:
    known = [(search, value) for search, value in found if value is not None]
    if not known:
        return f"{after} none had a value yet."
    sign = sign_of(known[0][0].facts.direction)
    best = min(sign * value for _, value in known)
    leading = sorted(search.short for search, value in known if sign * value == best)
    if len(known) == 1:
        return f"{after} only {leading[0]} had a value: {number(known[0][1])}."
    others = sorted(
        (sign * value, f"{number(value)} of {search.short}")
        for search, value in known
        if sign * value != best
    )
    if not others:
        return f"{after} {_listed(leading)} were equally good: {number(sign * best)}."
    verb = "was" if len(leading) == 1 else "were"
    than = _few([words for _, words in others])
    return f"{after} {_listed(leading)} {verb} ahead: {number(sign * best)}, against {than}."


def _differences(searches: Sequence[Compared], value_of: Callable[[Compared], str]) -> str:
    """Which searches have which value, if they differ; else empty."""
    found: dict[str, list[str]] = {}
    for search in searches:
        found.setdefault(value_of(search), []).append(search.short)
    if len(found) < 2:
        return ""
    return "; ".join(f"{_listed(names)}: {what}" for what, names in found.items())


def _fixed(search: Compared) -> str:
    fidelity = search.answer.fidelity if search.answer else {}
    return ", ".join(f"{n} = {v}" for n, v in sorted(fidelity.items())) or "none"


def _metric(search: Compared) -> str:
    return cut(search.facts.metric, 60)


def _better(search: Compared) -> str:
    return "higher" if search.facts.direction == "maximize" else "lower"


def _value(search: Compared) -> str:
    return number(search.answer.value) if search.answer else "none"


def _few(words: Sequence[str]) -> str:
    """The first of many, and how many more there are."""
    if len(words) <= MOST_NAMED + 1:
        return _listed(words)
    return _listed([*words[:MOST_NAMED], f"{len(words) - MOST_NAMED} more"])


def _listed(words: Sequence[str], comma: str = ", ") -> str:
    """A list as people write it: ``a``, ``a and b``, ``a, b and c``."""
    if comma != ", " or len(words) < 2:
        return comma.join(words)
    return f"{comma.join(words[:-1])} and {words[-1]}"
