"""PDF: its pages are counted, the first is drawn (PDFium), and the document is written anew without what acts and what tells (pypdf)."""

import io
from typing import Any

import pdf.rewriting
import variants
from refusal import Refusal

WIDEST = 1280  # pixels of the drawn page
NO_SECURITY = 3  # FPDF_REMOVE_SECURITY: fpdf_save.h


def look(order: dict[str, Any]) -> dict[str, Any]:
    pages, first, source = _drawn(order)
    answer = variants.from_pixels(first, order, min(WIDEST, first.width))
    pdf.rewriting.rewrite(source, f"{order['target']}/original.pdf")
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
