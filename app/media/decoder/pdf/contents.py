"""Programs that draw (ISO 32000-1, 7.8.2 and annex A), written anew: known operators with as many operands as they take, no comments, no points that
only a program would find, and small pictures without what they tell."""

import io
from typing import Any

import pdf.streams
from pdf.grammar import KINDS
from pypdf.generic import (
    ArrayObject,
    ByteStringObject,
    ContentStream,
    DecodedStreamObject,
    DictionaryObject,
    NameObject,
    NullObject,
    StreamObject,
)

# How many operands an operator takes; -1: as many numbers and names as there are.
OPERATORS = {
    operator.encode(): count
    for count, operators in {
        0: "b B b* B* BT BX EMC ET EX f F f* h n q Q s S T* W W*",
        1: "BMC cs CS Do g G gs i j J M ri sh Tc TL Tr Ts Tw Tz w Tj TJ '",
        2: "BDC d d0 l m Td TD Tf",
        3: 'rg RG "',
        4: "k K re v y",
        6: "c cm d1 Tm",
        -1: "sc SC scn SCN",
    }.items()
    for operator in operators.split()
}
WRITING = {b"Tj", b"TJ", b"'", b'"'}
PICTURE = b"INLINE IMAGE"
# The short names that a picture in the midst of a program may use (8.9.7).
SHORT_KEYS = {
    "/BPC": "/BitsPerComponent",
    "/CS": "/ColorSpace",
    "/D": "/Decode",
    "/DP": "/DecodeParms",
    "/F": "/Filter",
    "/H": "/Height",
}
SHORT_KEYS |= {"/IM": "/ImageMask", "/I": "/Interpolate", "/W": "/Width"}
PICTURE_KEYS = {"/BitsPerComponent", "/ColorSpace", "/Decode", "/Height", "/ImageMask", "/Interpolate", "/Width", "/Intent"}


def cleaned(program: bytes, unfolding: pdf.streams.Unfolding) -> bytes:
    """The program, drawing the same. What follows its last operator is left out, and so is a picture whose filters are not known."""
    packed = DecodedStreamObject()
    packed.set_data(program)
    # As bytes: the letters of a font need not be those of any alphabet.
    written = io.BytesIO()
    for operands, operator in ContentStream(packed, None, forced_encoding="bytes").operations:
        if operator == PICTURE:
            written.write(_picture(operands["settings"], operands["data"], unfolding))
        elif operator in OPERATORS:
            _write(written, operands, operator)
    return written.getvalue()


def _write(written: io.BytesIO, operands: list[Any], operator: bytes) -> None:
    count = OPERATORS[operator]
    taken = operands[-count:] if count > 0 else operands if count else []
    for operand in taken:
        _operand(operand, operator).write_to_stream(written)
        written.write(b" ")
    written.write(operator + b"\n")


def _operand(operand: Any, operator: bytes) -> Any:
    if isinstance(operand, dict):
        return _marked(operand)
    if isinstance(operand, list):
        return ArrayObject([each for each in operand if not isinstance(each, dict | list) and _is_read(each, operator)])
    return operand if _is_read(operand, operator) else NullObject()


def _is_read(operand: Any, operator: bytes) -> bool:
    return operator in WRITING or not isinstance(operand, ByteStringObject)


def _marked(found: Any) -> DictionaryObject:
    """What is said of a passage: what stands for it when it is read aloud, and its number."""
    kept = DictionaryObject()
    for key in KINDS["marked"].keys() & found.keys():
        if not isinstance(found[key], dict):
            kept[NameObject(key)] = found[key]
    return kept


def _picture(found: Any, data: bytes, unfolding: pdf.streams.Unfolding) -> bytes:
    about = DictionaryObject({NameObject(SHORT_KEYS.get(key, key)): value for key, value in found.items()})
    chain = pdf.streams.stages(about)
    if chain is None:
        return b""
    made = StreamObject()
    for key in PICTURE_KEYS & about.keys():
        made[NameObject(key)] = about[key]
    body = pdf.streams.wrapped(made, *unfolding.opened(data, chain))
    # In hexadecimal digits, so that nothing in them looks like the end of the picture.
    made[NameObject("/Filter")] = ArrayObject([NameObject("/AHx"), made["/Filter"]])
    if "/DecodeParms" in made:
        made[NameObject("/DecodeParms")] = ArrayObject([NullObject(), made["/DecodeParms"]])
    settings = io.BytesIO()
    DictionaryObject(made).write_to_stream(settings)
    return b"BI" + settings.getvalue()[2:-2] + b"\nID " + body.hex().encode() + b">\nEI\n"
