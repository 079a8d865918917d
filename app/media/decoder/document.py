"""PDF: its pages are counted, the first is drawn (PDFium), and the document is written anew without what acts and what tells (pypdf)."""

import io
import sys
import zlib
from collections.abc import Iterator
from typing import Any

import jpeg
import variants
from refusal import Refusal

WIDEST = 1280  # pixels of the drawn page
NO_SECURITY = 3  # FPDF_REMOVE_SECURITY: fpdf_save.h
UNFOLDED = 2**30  # bytes that all streams together may unfold to
# What a document says about whoever made it, and what runs by itself or holds other files (ISO 32000-1: 7.7.2, 12.6, 14.3, 14.5).
DROPPED = {
    "/AA",
    "/OpenAction",
    "/Metadata",
    "/PieceInfo",
    "/LastModified",
    "/EmbeddedFiles",
    "/JavaScript",
    "/JS",
    "/AF",
    "/XFA",
}
DROPPED |= {"/Collection", "/RichMediaContent", "/Perms", "/Legal", "/SpiderInfo", "/URI_Base", "/EF"}
ACTIONS = {"/GoTo", "/URI", "/Named", "/Hide", "/ResetForm", "/SetOCGState"}
ADDRESSES = ("http:", "https:", "mailto:", "tel:")
# A stream may say that its bytes are in another file, or at an address (7.3.8.2, 8.10.4).
ELSEWHERE = {"/F", "/FFilter", "/FDecodeParms", "/Ref", "/OPI"}
CARRIERS = {"/FileAttachment", "/RichMedia", "/Movie", "/Sound", "/Screen", "/3D"}
# Who made a remark and when. A form's field has its name in /T, so only remarks lose it.
REMARKS = {"/T", "/M", "/CreationDate", "/NM", "/Popup"}
FORMS = {"/Widget", "/Link"}


def look(order: dict[str, Any]) -> dict[str, Any]:
    pages, first, source = _drawn(order)
    answer = variants.from_pixels(first, order, min(WIDEST, first.width))
    _rewrite(source, f"{order['target']}/original.pdf")
    return answer | {"pages": pages, "original": "original.pdf"}


def _drawn(order: dict[str, Any]) -> tuple[int, Any, Any]:
    """The number of pages, the first as pixels, and what to read the document from."""
    import pypdfium2
    from pypdfium2 import PdfiumError, raw

    try:
        document = pypdfium2.PdfDocument(order["source"])
        pages = len(document)
        if not pages:
            raise Refusal("damaged")
        if pages > order["max_pages"]:
            raise Refusal("too_many_pages")
        picture = _page(document[0])
    except PdfiumError as error:
        locked = raw.FPDF_GetLastError() in (raw.FPDF_ERR_PASSWORD, raw.FPDF_ERR_SECURITY)
        raise Refusal("locked" if locked else "damaged") from error
    return pages, picture, _readable(document, order["source"])


def _page(page: Any) -> Any:
    """As wide as variants get, on white, without the values of forms. A page that is a strip is drawn as far as variants go."""
    width, height = page.get_size()
    if not (width > 0 and height > 0):
        raise Refusal("damaged")
    scale = min(WIDEST / width, WIDEST * variants.HIGHEST / height)
    bitmap = page.render(scale=scale, rev_byteorder=True, may_draw_forms=False, maybe_alpha=False, prefer_bgrx=True)
    pixels = variants.vips().Image.new_from_memory(bytes(bitmap.buffer), bitmap.stride // 4, bitmap.height, 4, "uchar")
    return pixels.crop(0, 0, bitmap.width, bitmap.height)[0:3].copy(interpretation="srgb")


def _readable(document: Any, source: str) -> Any:
    """Opened without a password, a document may still be encrypted (against being changed); it is published without."""
    from pypdfium2 import raw

    if raw.FPDF_GetSecurityHandlerRevision(document) < 0:
        return source
    plain = io.BytesIO()
    document.save(plain, flags=NO_SECURITY)
    return plain


def _rewrite(source: Any, target: str) -> None:
    import pypdf

    try:
        reader = pypdf.PdfReader(source)
        _clean(reader.trailer["/Root"])
        writer = pypdf.PdfWriter(clone_from=reader)
        writer.metadata = None
        writer.pdf_header = reader.pdf_header
        writer.write(target)
    except (pypdf.errors.PyPdfError, ValueError, KeyError, TypeError, AttributeError, IndexError, RecursionError) as error:
        # pypdf takes what it reads for well formed; what is not shows as any of these.
        sys.stderr.write(repr(error))
        raise Refusal("damaged") from error


def _clean(root: Any) -> None:
    """Everything that can be reached from here. In place, before the document is written: what nothing points to any more is left behind."""
    seen: set[int] = set()
    unfolded = 0
    waiting = [root.get_object()]
    while waiting:
        value = waiting.pop()
        if id(value) in seen:
            continue
        seen.add(id(value))
        if isinstance(value, dict):
            _clean_dictionary(value)
            unfolded += _clean_stream(value, UNFOLDED - unfolded)
        waiting += [each for each in _inside(value) if isinstance(each, dict | list)]


def _inside(value: Any) -> Iterator[Any]:
    for each in value.values() if isinstance(value, dict) else value:
        yield each.get_object() if hasattr(each, "get_object") else each


def _clean_dictionary(found: Any) -> None:
    for key in DROPPED & found.keys():
        del found[key]
    for key in [key for key in ("/A", "/PA", "/Next") if key in found and not _harmless(found[key])]:
        del found[key]
    if "/Rect" in found and found.get("/Subtype") not in FORMS:
        for key in REMARKS & found.keys():
            del found[key]
    if isinstance(annotations := found.get("/Annots"), list):
        annotations[:] = [each for each in annotations if _subtype(each) not in CARRIERS]


def _subtype(annotation: Any) -> Any:
    found = annotation.get_object()
    return found.get("/Subtype") if isinstance(found, dict) else None


def _harmless(action: Any) -> bool:
    """Whether an action only shows another place. `/A` is also what a paragraph of the document's structure looks like: that has no `/S`."""
    if isinstance(action, list):
        return all(_harmless(each.get_object()) for each in action)
    if not isinstance(action, dict) or "/S" not in action:
        return True
    if action["/S"] == "/URI":
        return str(action.get("/URI", "")).strip().lower().startswith(ADDRESSES)
    return action["/S"] in ACTIONS


def _clean_stream(found: Any, most: int) -> int:
    """A photo inside loses where it was taken; packed data is unpacked once to see that it is whole. The bytes that it has unfolded to."""
    data, filters = getattr(found, "_data", None), found.get("/Filter")
    names = filters if isinstance(filters, list) else [filters]
    if not isinstance(data, bytes):
        return 0
    for key in ELSEWHERE & found.keys():
        del found[key]
    if len(names) != 1:
        return 0
    if names[0] == "/DCTDecode":
        found._data = jpeg.without_metadata(data)
    return _unfolded(data, most) if names[0] == "/FlateDecode" else 0


def _unfolded(data: bytes, most: int) -> int:
    unpacker, size = zlib.decompressobj(), 0
    try:
        piece = unpacker.decompress(data, 2**20)
        while piece:
            size += len(piece)
            if size > most:
                raise Refusal("too_slow")
            piece = unpacker.decompress(unpacker.unconsumed_tail, 2**20)
    except zlib.error as error:
        raise Refusal("damaged") from error
    return size
