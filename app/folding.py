"""Letters as they are compared, and as they are written where there is only ASCII. What readers of a script take for the same letter is one."""

import unicodedata

from anyascii import anyascii

#: Scripts in which a mark beside a letter is an accent. In others it makes another letter: バ is not ハ.
ACCENTED = ("LATIN", "GREEK", "CYRILLIC", "HEBREW", "ARABIC")
#: The exception in Cyrillic: й and ў are letters of their own.
BREVE = "\u0306"
#: German is written so where a keyboard has no umlauts.
SPELLED = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue"})
#: From hiragana to katakana: こうべ and コウベ are one word.
KANA = {code: code + 0x60 for code in range(0x3041, 0x3097)}


def letters(text: str) -> str:
    """The text without case and accents, Latin letters such as ł, ø, đ, ı, æ and þ as ASCII writes them; composed (NFC)."""
    decomposed = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", text).casefold())
    kept: list[str] = []
    script = ""
    for character in decomposed:
        if unicodedata.combining(character):
            is_accent = script.startswith(ACCENTED) and not (script == "CYRILLIC" and character == BREVE)
            if is_accent or not script:
                continue
        else:
            if unicodedata.category(character)[0] != "M":
                script = _script(character) if character.isalnum() else ""
            character = anyascii(character).casefold() if script == "LATIN" and not character.isascii() else character
        kept.append(character)
    return unicodedata.normalize("NFC", "".join(kept).translate(KANA))


def spelled_out(text: str) -> str:
    """The text with German umlauts as two letters."""
    return unicodedata.normalize("NFC", text).casefold().translate(SPELLED)


def in_ascii(text: str) -> str:
    """The text in ASCII as well as can be, in upper and lower case; letters of other scripts are written as they sound, symbols are left out."""
    said = "".join(each for each in unicodedata.normalize("NFC", text) if unicodedata.category(each) != "So")
    return anyascii(said)


def _script(character: str) -> str:
    return unicodedata.name(character, "").partition(" ")[0]
