"""The bytes of a stream, taken out of every filter around them (ISO 32000-1, 7.4), so that nothing is published that nobody has looked at."""

import zlib
from dataclasses import dataclass, field
from typing import Any

from pdf.grammar import at
from pdf.pictures import CLEANED
from pypdf import filters
from pypdf.errors import LimitReachedError
from pypdf.generic import BooleanObject, DictionaryObject, NameObject, StreamObject
from refusal import Refusal

MOST = 2**30  # bytes that all stages of all streams together may unfold to
PIECE = 2**20
GLOBALS = "/JBIG2Globals"  # segments that more than one picture uses
KEYS = {"/Filter", "/DecodeParms", "/Length"}
SHORT = {
    "/AHx": "/ASCIIHexDecode",
    "/A85": "/ASCII85Decode",
    "/LZW": "/LZWDecode",
    "/Fl": "/FlateDecode",
    "/RL": "/RunLengthDecode",
}
SHORT |= {"/CCF": "/CCITTFaxDecode", "/DCT": "/DCTDecode"}
# What each filter may be told. The last four make pictures; their bytes stay in that form.
PREDICTED = {"/Predictor", "/Colors", "/BitsPerComponent", "/Columns"}
TOLD: dict[str, set[str]] = {"/ASCIIHexDecode": set(), "/ASCII85Decode": set(), "/RunLengthDecode": set()}
TOLD |= {"/FlateDecode": PREDICTED, "/LZWDecode": PREDICTED | {"/EarlyChange"}}
PICTURES = {"/DCTDecode": {"/ColorTransform"}, "/JPXDecode": set(), "/JBIG2Decode": {GLOBALS}}
PICTURES |= {
    "/CCITTFaxDecode": {
        *("/K", "/EndOfLine", "/EncodedByteAlign", "/Columns", "/Rows", "/EndOfBlock", "/BlackIs1", "/DamagedRowsBeforeError"),
    }
}
TOLD |= PICTURES


@dataclass(frozen=True)
class Stage:
    """One filter, and what it is told."""

    name: str
    told: DictionaryObject


@dataclass
class Unfolding:
    """Counts what a document's streams unfold to. `Refusal` "too_slow" beyond `MOST`."""

    left: int = field(default=MOST)

    def count(self, size: int) -> None:
        self.left -= size
        if self.left < 0:
            raise Refusal("too_slow")

    def peel(self, data: bytes, stages: list[Stage]) -> bytes:
        """The bytes behind filters that are no picture's."""
        for stage in stages:
            if stage.name == "/FlateDecode":
                self.inflated(data)  # counted before anything holds all of it
            data = _decoded(data, stage)
            self.count(len(data))
        return data

    def opened(self, data: bytes, chain: list[Stage]) -> tuple[bytes, Stage | None]:
        """The bytes behind all filters, and the filter that makes a picture of them, if there is one; they are without what it tells, then."""
        last = chain[-1] if chain and chain[-1].name in PICTURES else None
        data = self.peel(data, chain[:-1] if last else chain)
        return (CLEANED[last.name](data) if last else data), last

    def inflated(self, data: bytes) -> int:
        """How many of these bytes belong to the packed data. What is behind its end is nobody's."""
        unpacker = zlib.decompressobj()
        try:
            piece = unpacker.decompress(data, PIECE)
            while piece:
                self.count(len(piece))
                piece = unpacker.decompress(unpacker.unconsumed_tail, PIECE)
        except zlib.error as error:
            raise Refusal("damaged") from error
        return len(data) - len(unpacker.unused_data)


def stages(found: Any) -> list[Stage] | None:
    """The filters of a stream, in the order in which they are undone; `None` if one is not known or can't stand where it does."""
    chain, told = _list(at(found, "/Filter")), _list(at(found, "/DecodeParms"))
    read = []
    for number, name in enumerate(chain):
        name = SHORT.get(str(name), str(name))
        about = told[number] if number < len(told) and isinstance(told[number], dict) else None
        if name == "/Crypt" and (about is None or at(about, "/Name") in (None, "/Identity")):
            continue  # changes nothing
        if name not in TOLD or (name in PICTURES and number + 1 < len(chain)):
            return None
        read.append(Stage(name, _only(about, TOLD[name])))
    return read


def _list(value: Any) -> list[Any]:
    if value is None:
        return []
    return [each.get_object() for each in value] if isinstance(value, list) else [value]


def _only(told: Any, names: set[str]) -> DictionaryObject:
    kept = DictionaryObject()
    for name in names & told.keys() if told else ():
        if isinstance(told[name], int | float | BooleanObject):
            kept[NameObject(name)] = told[name]
        elif name == GLOBALS and isinstance(told[name], StreamObject):
            kept[NameObject(name)] = told.raw_get(name)  # a stream is always referred to
    return kept


def _decoded(data: bytes, stage: Stage) -> bytes:
    decoder = getattr(filters, stage.name[1:])
    try:
        return bytes(decoder.decode(data, stage.told))
    except LimitReachedError as error:
        raise Refusal("too_slow") from error


def wrapped(found: Any, data: bytes, picture: Stage | None) -> bytes:
    """The bytes as they are written, in one filter, which the dictionary `found` then names."""
    for name in KEYS:
        found.pop(name, None)
    found[NameObject("/Filter")] = NameObject(picture.name if picture else "/FlateDecode")
    if picture and picture.told:
        found[NameObject("/DecodeParms")] = picture.told
    return data if picture else zlib.compress(data)
