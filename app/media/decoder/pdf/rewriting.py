"""A document is walked from its root, and what the grammar doesn't know is left out; pypdf then writes what can still be reached."""

import re
import sys
from typing import Any

import pdf.contents
import pdf.grammar
import pdf.pictures
import pdf.streams
import pypdf
from pdf.grammar import at
from pypdf.generic import (
    BooleanObject,
    ByteStringObject,
    DecodedStreamObject,
    NameObject,
    NullObject,
    StreamObject,
    TextStringObject,
)
from refusal import Refusal

HEADER = re.compile(r"%PDF-[12]\.\d")
REMARK = re.compile(rb"%[^\r\n]*")  # in PostScript, as fonts' tables and functions use it
UNREADABLE = (
    pypdf.errors.PyPdfError,
    ValueError,
    KeyError,
    TypeError,
    AttributeError,
    IndexError,
    RecursionError,
    AssertionError,
)


def rewrite(source: Any, target: str) -> None:
    """Write the document `source`, a path or a file, to the path `target`. `Refusal` if it can't be read to its end, or is too much."""
    try:
        reader = pypdf.PdfReader(source)
        reader.trailer.pop("/ID", None)
        _Walk().clean(reader.trailer["/Root"])
        writer = pypdf.PdfWriter(clone_from=reader)
        writer.metadata = None
        header = HEADER.match(reader.pdf_header)
        writer.pdf_header = header[0] if header else "%PDF-1.7"
        writer.write(target)
    except pypdf.errors.LimitReachedError as error:
        raise Refusal("too_slow") from error
    except UNREADABLE as error:
        # pypdf takes what it reads for well formed; what is not shows as any of these.
        sys.stderr.write(repr(error))
        raise Refusal("damaged") from error


class _Walk:
    """In place, before the document is written: what nothing points to any more is left behind."""

    def __init__(self) -> None:
        self.unfolding = pdf.streams.Unfolding()
        self.seen: set[tuple[int, str]] = set()
        self.waiting: list[tuple[Any, str]] = []

    def clean(self, root: Any) -> None:
        self.waiting.append((root, "catalog"))
        while self.waiting:
            found, kind = self.waiting.pop()
            if (id(found), kind) not in self.seen:
                self.seen.add((id(found), kind))
                self._clean(found, kind)

    def _clean(self, found: Any, kind: str) -> None:
        row = pdf.grammar.KINDS[kind]
        if kind == "page" and isinstance(at(found, "/Contents"), list):
            self._join(found)
        is_stream = isinstance(found, StreamObject)
        if is_stream:
            self._open(found, kind)
        for key in list(found):
            value = row.get(key) or row.get("/*") or ""
            if not (is_stream and key in pdf.streams.KEYS) and not (value and self._admit(found[key], value)):
                del found[key]

    def _admit(self, value: Any, what: str) -> bool:
        """Whether a value may stay. Of an array, what may not stay is taken out."""
        if value is None or isinstance(value, NullObject):
            return True
        if isinstance(value, list):
            value[:] = [each for each in value if self._admit(each.get_object(), what)]
            return True
        kind, _, text = what.strip("{}").partition("+")
        if isinstance(value, dict):
            return self._admit_map(value, what[1:-1]) if what.startswith("{") else self._admit_dictionary(value, kind)
        if isinstance(value, TextStringObject | ByteStringObject):
            return not what.startswith("{") and "text" in (kind, text)
        return isinstance(value, int | float | NameObject | BooleanObject)

    def _admit_map(self, value: Any, what: str) -> bool:
        for name in [name for name in value if not self._admit(value[name], what)]:
            del value[name]
        return True

    def _admit_dictionary(self, value: Any, kind: str) -> bool:
        chosen = pdf.grammar.choose(kind, value)
        if chosen is None:
            return False
        if isinstance(value, StreamObject) and (chosen not in pdf.grammar.STREAMS or pdf.streams.stages(value) is None):
            return False
        self.waiting.append((value, chosen))
        return True

    def _join(self, page: Any) -> None:
        """The parts of a page are one program; an operator and its operands may be in two of them (7.8.2)."""
        parts = []
        for part in page["/Contents"]:
            found = part.get_object()
            chain = pdf.streams.stages(found) if isinstance(found, StreamObject) else None
            if chain is not None:
                parts.append(self.unfolding.peel(_raw(found), chain))
        joined = DecodedStreamObject()
        joined.set_data(b"\n".join(parts))
        page[NameObject("/Contents")] = joined

    def _open(self, found: Any, kind: str) -> None:
        """One filter at most around bytes that were looked at."""
        data, chain = _raw(found), pdf.streams.stages(found)
        if chain is None:
            raise Refusal("damaged")
        if [stage.name for stage in chain] == ["/FlateDecode"] and not _is_text(found, kind):
            data = data[: self.unfolding.inflated(data)]
            told = chain[0].told
            StreamObject.set_data(found, data)
            found[NameObject("/Filter")] = NameObject("/FlateDecode")
            found.pop("/DecodeParms", None)
            if told:
                found[NameObject("/DecodeParms")] = told
            return
        data, picture = self.unfolding.opened(data, chain)
        if kind == "segments":
            data = pdf.pictures.jbig2(data)
        if kind in pdf.grammar.PROGRAMS and not (picture or _is_shading(found)):
            data = pdf.contents.cleaned(data, self.unfolding)
        elif _is_text(found, kind):
            data = REMARK.sub(b"", data)
        if picture and pdf.streams.GLOBALS in picture.told:
            self._admit(picture.told[pdf.streams.GLOBALS], "segments")
        StreamObject.set_data(found, pdf.streams.wrapped(found, data, picture))


def _is_shading(found: Any) -> bool:
    return at(found, "/PatternType") == 2


def _is_text(found: Any, kind: str) -> bool:
    """Whether the bytes are read as text, in which a program may leave remarks."""
    return kind in pdf.grammar.PROGRAMS or kind in ("encoding", "mapping") or at(found, "/FunctionType") == 4


def _raw(found: Any) -> bytes:
    """The bytes as they stand in the file: what a stream without a filter would hold."""
    return StreamObject.get_data(found)
