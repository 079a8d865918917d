"""The oldest browsers that Shingle serves, and what is too new for them by MDN's tables (@mdn/browser-compat-data).

A feature is too new where one of these browsers has it only in a later version, or not at all.
"""

import json
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
#: README.md says the same. Chrome, Edge and Firefox of December 2023, Safari of March 2023.
FLOOR = {
    "chrome": (120,),
    "chrome_android": (120,),
    "edge": (120,),
    "firefox": (121,),
    "firefox_android": (121,),
    "safari": (16, 4),
    "safari_ios": (16, 4),
}
#: The edition of JavaScript whose syntax all of them read.
SYNTAX = 2022

Feature = dict[str, Any]


@cache
def compat() -> Feature:
    """MDN's tables: `css`, `api`, `javascript` and more, each a tree of features with `__compat`."""
    tables: Feature = json.loads((ROOT / "node_modules" / "@mdn" / "browser-compat-data" / "data.json").read_text())
    return tables


def is_too_new(feature: Feature) -> bool:
    support = feature["__compat"]["support"]
    return any(not _has(support[browser], version) for browser, version in FLOOR.items() if browser in support)


def _has(support: Any, version: tuple[int, ...]) -> bool:
    ways = support if isinstance(support, list) else [support]
    return any(
        _is_plain(way) and _number(way["version_added"]) <= version < _number(way.get("version_removed")) for way in ways
    )


def _is_plain(way: Feature) -> bool:
    """Under its own name, and for everybody."""
    return not {"flags", "prefix", "alternative_name"} & set(way)


def _number(version: Any) -> tuple[int, ...]:
    """What is not there, not removed, or in no release yet has a version that never comes."""
    parts = version.removeprefix("≤").split(".") if isinstance(version, str) else [""]
    return tuple(map(int, parts)) if all(part.isdigit() for part in parts) else (10**6,)


def names_too_new() -> Iterator[tuple[str, str, bool]]:
    """What scripts must do without: an object, one of its names or "" for the whole object, and whether the name is the object's own or that of
    what it makes. (Of the language's own objects the tables don't say, but no name is both.)"""
    tables = compat()
    for table in (tables["api"], tables["javascript"]["builtins"]):
        for name, entry in table.items():
            if "__compat" in entry and is_too_new(entry):
                yield name, "", True
                continue
            for member, feature in entry.items():
                if member != "__compat" and "__compat" in feature and is_too_new(feature):
                    is_own = member.endswith("_static") or table is not tables["api"]
                    yield name, member.removesuffix("_static"), is_own
