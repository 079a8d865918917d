"""`make messages`: bring the catalogues up to what the source says. A new text is added empty, an unused one is removed."""

from collections.abc import Iterable
from pathlib import Path

from babel.messages import Catalog
from babel.messages.extract import DEFAULT_KEYWORDS, extract_from_dir
from babel.messages.pofile import read_po, write_po

from app.locales import CATALOGUES
from app.readers import ROOT

PLACES = {"app": [("**.py", "python")], "templates": [("**.html", "jinja2"), ("**.txt", "jinja2")]}
KEYWORDS = DEFAULT_KEYWORDS | {"_l": None, "N_": None}
# A template that can't be read must not hide its texts.
OPTIONS = {pattern: {"silent": "false"} for pattern in ("**.html", "**.txt")}


def in_source() -> Catalog:
    """Every text that is marked for translation, with where it is used."""
    found = Catalog(project="Shingle")
    for folder, methods in PLACES.items():
        # Babel leaves out folders that begin with `_`, and with them our macros.
        texts = extract_from_dir(ROOT / folder, methods, OPTIONS, KEYWORDS, directory_filter=lambda _name: True)
        for file, line, text, _comments, context in texts:
            found.add(text, locations=[(f"{folder}/{file}", line)], context=context)
    return found


def update(file: Path) -> int:
    """Write the catalogue again; says how many texts still need words."""
    with file.open("rb") as before:
        catalogue = read_po(before)
    catalogue.update(in_source(), no_fuzzy_matching=True, update_creation_date=False)
    with file.open("wb") as after:
        write_po(after, catalogue, width=120, sort_by_file=True, include_lineno=False, ignore_obsolete=True)
    return sum(1 for message in catalogue if message.id and not all(forms(message.string)))


def forms(text: str | Iterable[str] | None) -> tuple[str, ...]:
    """The singular and the plurals of a text, or the one form that it has."""
    return (text or "",) if isinstance(text, str | None) else tuple(text)


def main() -> None:
    for file in sorted(CATALOGUES.glob("*/LC_MESSAGES/messages.po")):
        missing = update(file)
        print(f"{file.relative_to(ROOT)}: {missing} without words")  # noqa: T201


if __name__ == "__main__":
    main()
