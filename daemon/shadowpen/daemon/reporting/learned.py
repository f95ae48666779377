"""Report section on the user's versions: sources, gate results, the version in use."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from shadowpen.daemon.base.translation.language import translated, words
from shadowpen.daemon.learning import told
from shadowpen.daemon.reporting.page import Section
from shadowpen.daemon.reporting.plots import Plot, drawn
from shadowpen.daemon.storage import versions
from shadowpen.daemon.storage.versions import Pointer, Version

_WORDS_A_TOKEN = 0.75
_NO_FOLDER = "documents without a folder"


def sections(known: Sequence[Version], pointer: Pointer) -> list[Section]:
    """The learning curve, the versions, and what each learned from."""
    if not known:
        sentence = (
            "There is only the model without your text (version base). `shadowpen train now` trains your own version."
        )
        return [Section("Versions", [sentence])]
    return [_curve(known), _versions(known, pointer), _sources(known)]


def _curve(known: Sequence[Version]) -> Section:
    series = {
        translated("version used before"): [_metric(one, "perplexity_served") for one in known],
        translated("new version"): [_metric(one, "perplexity") for one in known],
    }
    sentence = (
        "Perplexity of your newest text, for the version used before and for each new version; lower is better. Each "
        "version was judged on text that was newer than all it had learned."
    )
    picture = drawn(Plot("lines", [_short(one) for one in known], series, translated("perplexity")))
    return Section("Learning curve", [sentence], picture)


def _versions(known: Sequence[Version], pointer: Pointer) -> Section:
    answers = pointer.version or versions.BASE
    promoted = sum(one.state == "promoted" for one in known)
    sentence = f"{answers} is in use. {promoted} of {len(known)} versions passed the gate and were used."
    header = words(
        "",
        "version",
        "made",
        "state",
        "words learned",
        "your newest text",
        "certainly",
        "other people's text",
        "keys saved",
        "why not",
    )
    rows = [
        (
            translated("answers") if one.id == pointer.version else "",
            one.id,
            one.created[:16].replace("T", " "),
            translated(one.state),
            f"{_words(sum(source.tokens for source in one.sources if not source.held_out)):,}",
            translated(told.compared(one.metrics.get("perplexity_served"), one.metrics.get("perplexity"))),
            _at_least(told.certain(one.metrics.get("gain_lower_bound"))),
            translated(told.compared(1.0, one.metrics.get("general_ratio"))),
            _keys_saved(one),
            translated(" ".join(one.reasons)),
        )
        for one in known
    ]
    return Section("Versions", [sentence], header=header, rows=rows)


def _keys_saved(version: Version) -> str:
    """As the gate's short replay found it, with what answered then and with this one."""
    before, after = version.metrics.get("ksr_served"), version.metrics.get("ksr")
    return f"{before:.1%} → {after:.1%}" if before is not None and after is not None else ""


def _sources(known: Sequence[Version]) -> Section:
    newest = known[-1]
    rows = []
    for held_out, use in ((False, translated("learned from")), (True, translated("measured on"))):
        tokens: Counter[str] = Counter()
        for source in newest.sources:
            if source.held_out is held_out:
                tokens[_folder(source.origin)] += source.tokens
        rows += [(use, folder, f"{_words(count):,}") for folder, count in tokens.most_common()]
    return Section(f"What {newest.id} was made from", header=words("", "folder", "words, about"), rows=rows)


def _folder(origin: str) -> str:
    path = Path(origin)
    return str(path.parent) if path.is_absolute() else translated(_NO_FOLDER)


def _words(tokens: int) -> int:
    return round(tokens * _WORDS_A_TOKEN)


def _short(version: Version) -> str:
    return version.id.partition("-")[0]


def _metric(version: Version, name: str) -> float | None:
    value = version.metrics.get(name)
    return float(value) if isinstance(value, int | float) else None


def _at_least(change: str) -> str:
    return translated(f"{change} at least") if change else ""
