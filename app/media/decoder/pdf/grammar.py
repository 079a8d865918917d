"""What may stand in a published PDF: for each kind of dictionary its keys, and what each key's value may be (ISO 32000-1).

Everything that is not in these tables is left out: keys and annotations that are not known, names of people and programs, dates, metadata,
places on the globe, other files, sounds, films, 3D, and what runs by itself. Left out on purpose, though known: `/Title` and `/T` of whatever is
no form's field, `/Thumb`, `/Measure`, `/AF`, `/RC` (a remark once more, as XHTML), signatures, and viewers' private data.

A value is told by a word, or by two with a "+" between:
    "atom"          numbers, booleans and names, also in arrays
    "text"          an atom or a string, also in arrays
    "<kind>"        a dictionary or stream of that kind, or atoms, also in arrays
    "<kind>+text"   one of them, or strings
    "{<kind>}"      a dictionary whose keys are names that the document chose (as is a kind with the key "*")
"""

from collections.abc import Callable
from typing import Any

Rows = dict[str, dict[str, str]]


def _rows(**kinds: str) -> Rows:
    """Each kind as lines of `value: keys`, which is how a person can still read the tables."""
    read: Rows = {}
    for kind, lines in kinds.items():
        read[kind] = {}
        for line in lines.strip().splitlines():
            value, _, keys = line.strip().partition(": ")
            read[kind] |= {f"/{key}": value for key in keys.split()}
    return read


KINDS = _rows(
    # The document and its pages (7.7).
    catalog="""
        atom: Type Version PageLayout PageMode NeedsRendering
        text: Lang
        page: Pages
        labels: PageLabels
        names: Names
        {place}: Dests
        viewer: ViewerPreferences
        outline: Outlines
        form: AcroForm
        structure: StructTreeRoot
        marks: MarkInfo
        layers: OCProperties
        output: OutputIntents
    """,
    page="""
        atom: Type Count MediaBox CropBox BleedBox TrimBox ArtBox Rotate Tabs StructParents UserUnit
        page: Parent Kids
        resources: Resources
        content: Contents
        annotation: Annots
        group: Group
    """,
    labels="""
        atom: Type S St Limits
        text: P
        labels: Nums Kids
    """,
    names="""
        places: Dests
    """,
    places="""
        text: Limits
        places: Kids
        place+text: Names
    """,
    place="""
        page+text: D
    """,
    viewer="""
        atom: HideToolbar HideMenubar HideWindowUI FitWindow CenterWindow NonFullScreenPageMode Direction ViewArea ViewClip PrintArea PrintClip
        atom: PrintScaling Duplex PickTrayByPDFSize PrintPageRange NumCopies
    """,
    marks="""
        atom: Marked UserProperties Suspects
    """,
    output="""
        atom: Type S
        text: OutputConditionIdentifier RegistryName
        bytes: DestOutputProfile
    """,
    outline="""
        atom: Type Count C F
        text: Title
        page+text: Dest
        action: A
        outline: Parent Prev Next First Last
    """,
    # Layers (8.11).
    layers="""
        layer: OCGs
        layering: D
    """,
    layering="""
        atom: BaseState ListMode Intent
        layer+text: Order
        layer: ON OFF RBGroups Locked
    """,
    layer="""
        atom: Type Intent P
        text: Name
        layer: OCGs VE
    """,
    # What a page draws with (7.8, 8.4 to 8.10, 11).
    resources="""
        atom: ProcSet
        {graphics}: ExtGState
        {colour+text}: ColorSpace
        {pattern}: Pattern
        {shading}: Shading
        {drawing}: XObject
        {font}: Font
        {marked}: Properties
    """,
    content="",
    graphics="""
        atom: Type LW LC LJ ML D RI OP op OPM FL SM SA BM CA ca AIS TK
        font: Font
        function: BG BG2 UCR UCR2 TR TR2
        mask: SMask
    """,
    mask="""
        atom: Type S BC
        drawing: G
        function: TR
    """,
    colour="""
        atom: N Range WhitePoint BlackPoint Gamma Matrix Subtype Solidities
        atom: FunctionType Domain C0 C1 Bounds Encode Size BitsPerSample Order Decode
        function: Functions
        colour+text: Alternate ColorSpace
        {colour+text}: Colorants
        text: Components
        colour: Process
    """,
    function="""
        atom: FunctionType Domain Range C0 C1 N Bounds Encode Size BitsPerSample Order Decode
        function: Functions
    """,
    pattern="""
        atom: Type PatternType PaintType TilingType BBox XStep YStep Matrix
        resources: Resources
        shading: Shading
        graphics: ExtGState
    """,
    shading="""
        atom: ShadingType Background BBox AntiAlias Domain Matrix Coords Extend
        atom: BitsPerCoordinate BitsPerComponent BitsPerFlag Decode VerticesPerRow
        colour+text: ColorSpace
        function: Function
    """,
    group="""
        atom: Type S I K
        colour+text: CS
    """,
    picture="""
        atom: Type Subtype Width Height BitsPerComponent Intent ImageMask Decode Interpolate SMaskInData Matte Name StructParent
        colour+text: ColorSpace
        drawing: Mask SMask
        layer: OC
    """,
    drawn="""
        atom: Type Subtype FormType BBox Matrix StructParent StructParents Name
        resources: Resources
        group: Group
        layer: OC
    """,
    marked="""
        atom: Type MCID Intent P BBox Subtype Attached
        text: Name Lang Alt ActualText E
        layer: OCGs VE
    """,
    # Fonts (9.6 to 9.8).
    font="""
        atom: Type Subtype BaseFont FirstChar LastChar Widths DW W DW2 W2 FontBBox FontMatrix Name
        typeface: FontDescriptor
        encoding: Encoding
        mapping: ToUnicode
        font: DescendantFonts
        collection: CIDSystemInfo
        bytes: CIDToGIDMap
        {content}: CharProcs
        resources: Resources
    """,
    encoding="""
        atom: Type BaseEncoding Differences CMapName WMode
        collection: CIDSystemInfo
        encoding: UseCMap
    """,
    mapping="""
        atom: Type CMapName WMode
        collection: CIDSystemInfo
        encoding: UseCMap
    """,
    collection="""
        text: Registry Ordering
        atom: Supplement
    """,
    typeface="""
        atom: Type FontName FontStretch FontWeight Flags FontBBox ItalicAngle Ascent Descent Leading CapHeight XHeight StemV StemH AvgWidth
        atom: MaxWidth MissingWidth Lang
        text: FontFamily CharSet
        bytes: FontFile FontFile2 FontFile3 CIDSet
        typestyle: Style
    """,
    typestyle="""
        text: Panose
    """,
    bytes="""
        atom: Length1 Length2 Length3 Subtype N Range
    """,
    segments="",
    # Remarks, links and forms (12.5 to 12.7).
    remark="""
        atom: Type Subtype Rect F AS Border C StructParent BM CA ca H QuadPoints IC L LE LL LLE LLO Cap IT CP CO Vertices InkList RD Q CL Name Sy Open
        atom: Rotate
        text: Contents Lang DA
        page: P
        looks: AP
        layer: OC
        action: A
        page+text: Dest
        border: BS BE
    """,
    field="""
        atom: Type Subtype Rect F AS Border C StructParent BM CA ca H FT Ff MaxLen TI I Q
        text: Contents Lang DA T TU V DV Opt
        page: P
        looks: AP
        layer: OC
        action: A
        border: BS
        button: MK
        annotation: Parent Kids
    """,
    looks="""
        look: N R D
    """,
    states="""
        look: *
    """,
    border="""
        atom: Type W S D I
    """,
    button="""
        atom: R BC BG TP
        text: CA RC AC
        drawing: I RI IX
        fit: IF
    """,
    fit="""
        atom: SW S A FB
    """,
    form="""
        atom: NeedAppearances Q
        text: DA
        annotation: Fields CO
        resources: DR
    """,
    action="""
        atom: Type S IsMap N H Flags PreserveRB
        text: URI
        page+text: D
        annotation+text: T Fields
        layer: State
        action: Next
    """,
    # The structure that screen readers follow (14.7, 14.8).
    structure="""
        atom: Type ParentTreeNextKey
        element: K
        parents: ParentTree
        {atom}: RoleMap
        {attributes}: ClassMap
    """,
    element="""
        atom: Type S C R MCID
        text: Lang Alt E ActualText
        element: K P
        page: Pg
        object: Obj Stm StmOwn
        attributes: A
    """,
    parents="""
        atom: Limits
        parents: Kids
        element: Nums
    """,
    attributes="""
        atom: O Placement WritingMode BackgroundColor BorderColor BorderStyle BorderThickness Padding Color SpaceBefore SpaceAfter StartIndent
        atom: EndIndent TextIndent TextAlign BBox Width Height BlockAlign InlineAlign TBorderStyle TPadding BaselineShift LineHeight
        atom: TextDecorationColor TextDecorationThickness TextDecorationType RubyAlign RubyPosition GlyphOrientationVertical ColumnCount ColumnGap
        atom: ColumnWidths ListNumbering RowSpan ColSpan Scope Role checked Checked
        text: Summary Desc
    """,
)

# Kinds that may be streams; first those that hold operators which draw (7.8.2).
PROGRAMS = {"content", "drawn", "pattern"}
STREAMS = PROGRAMS | {"encoding", "mapping", "function", "colour", "bytes", "picture", "segments", "shading"}

SHOWN = {
    "/Text",
    "/Link",
    "/FreeText",
    "/Line",
    "/Square",
    "/Circle",
    "/Polygon",
    "/PolyLine",
    "/Highlight",
    "/Underline",
    "/Squiggly",
}
SHOWN |= {"/StrikeOut", "/Stamp", "/Caret", "/Ink"}
ACTIONS = {"/GoTo", "/URI", "/Named", "/Hide", "/ResetForm", "/SetOCGState"}
ADDRESSES = ("http:", "https:", "mailto:", "tel:")


def at(found: dict[str, Any], key: str) -> Any:
    """The value behind a key, wherever in the document it stands (7.3.10); `None` if there is none. (`get` would answer with the reference.)"""
    try:
        return found[key]
    except KeyError:
        return None


def choose(kind: str, found: dict[str, Any]) -> str | None:
    """The row of a dictionary at a place where more than one may stand, or `None` if it is to be left out."""
    chosen = CHOICES[kind](found) if kind in CHOICES else kind
    # A page that is pointed at as something else would lose what makes it a page.
    rightly = OWNERS.get(str(at(found, "/Type")), chosen)
    return chosen if chosen in KINDS and chosen == rightly else None


def _annotation(found: dict[str, Any]) -> str | None:
    subtype = at(found, "/Subtype")
    if subtype == "/Widget" or (subtype is None and ("/FT" in found or "/Kids" in found)):
        return "field"
    return "remark" if subtype in SHOWN else None


def _drawing(found: dict[str, Any]) -> str | None:
    return {"/Image": "picture", "/Form": "drawn"}.get(str(at(found, "/Subtype")))


def _action(found: dict[str, Any]) -> str | None:
    """An action that only shows another place."""
    if at(found, "/S") == "/URI":
        return "action" if str(at(found, "/URI") or "").strip().lower().startswith(ADDRESSES) else None
    return "action" if at(found, "/S") in ACTIONS else None


OWNERS = {"/Catalog": "catalog", "/Pages": "page", "/Page": "page"}
CHOICES: dict[str, Callable[[dict[str, Any]], str | None]] = {
    "annotation": _annotation,
    "drawing": _drawing,
    "action": _action,
    "element": lambda found: "structure" if at(found, "/Type") == "/StructTreeRoot" else "element",
    "place": lambda found: "place" if "/D" in found else "page",
    "object": lambda found: _drawing(found) or _annotation(found),
    "look": lambda found: "drawn" if at(found, "/Subtype") == "/Form" or "/BBox" in found else "states",
}
