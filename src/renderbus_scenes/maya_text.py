"""Texts of Maya scenes: code pages, quoted strings and their escapes.

In GBK and Shift-JIS the second byte of a character may be a backslash. Whether Maya doubles it is not
documented; here an odd number of further backslashes behind such a character means that it did.
"""

from __future__ import annotations

import codecs
import re

from renderbus_scenes.unpack import Content

LONGEST_TEXT_BYTES = 1 << 16
"""Of one string that is kept; a longer one is cut. More than any path takes."""

_DOUBLE_BYTE = {
    "cp932": rb"[\x81-\x9f\xe0-\xfc][\x40-\x7e\x80-\xfc]",
    "gbk": rb"[\x81-\xfe][\x40-\xfe]",
    "cp949": rb"[\x81-\xfe][\x41-\xfe]",
    "big5": rb"[\x81-\xfe][\x40-\x7e\xa1-\xfe]",
}
"""One character of two bytes, by Python's name of the code page."""

_NAMES = {"936": "gbk", "932": "cp932", "949": "cp949", "950": "big5", "65001": "utf-8"}

_UP_TO_QUOTE = re.compile(rb'[^"\\]*(?:\\.[^"\\]*){0,500}', re.DOTALL)
_SPECIAL = re.compile(rb'["\\\x80-\xff]')
_BEHIND = re.compile(rb"\\*")
_ESCAPE = re.compile(r"\\(.)", re.DOTALL)
_MEANING = {"n": "\n", "t": "\t", "r": "\r"}
_CHARACTER_AND_BACKSLASHES = re.compile(r"([^\x00-\x7f])(\\+)")


class CodePage:
    """How a scene's texts are encoded.

    Attributes:
        written: the scene's own word, ``1252``, ``936``, ``UTF-8``; None for scenes of old, which have none.
        codec: Python's name of it.
    """

    def __init__(self, written: str | None) -> None:
        self.written = written
        self.codec = _codec(written)
        pattern = _DOUBLE_BYTE.get(self.codec)
        self._pair = re.compile(pattern) if pattern else None

    def decode(self, raw: bytes) -> str:
        """The text of these bytes; bytes that fit neither the code page nor UTF-8 survive as surrogates."""
        if raw.isascii():
            return raw.decode("ascii")
        try:
            return raw.decode(self.codec)
        except UnicodeDecodeError:
            return raw.decode("utf-8", "surrogateescape")

    def unquoted(self, raw: bytes) -> str:
        """What stands between two quotes means: decoded first, then the escapes resolved.

        >>> CodePage("1252").unquoted(rb'a\\\\b \\"c\\"')
        'a\\\\b "c"'
        """
        text = self.decode(raw)
        if "\\" not in text:
            return text
        if self._pair and not raw.isascii():
            text = _CHARACTER_AND_BACKSLASHES.sub(self._without_doubled, text)
        return _ESCAPE.sub(lambda found: _MEANING.get(found[1], found[1]), text)

    def _without_doubled(self, found: re.Match[str]) -> str:
        try:
            ends_so = found[1].encode(self.codec).endswith(b"\\")
        except UnicodeEncodeError:
            ends_so = False
        return found[1] + found[2][1:] if ends_so and len(found[2]) % 2 else found[0]

    def closing_quote(self, content: Content, start: int, end: int) -> int:
        """Where the string ends that begins at ``start``, behind its quote; -1 when not before ``end``."""
        if self._pair:
            return self._closing_quote_of_pairs(content, start, end, self._pair)
        at = start
        while found := _UP_TO_QUOTE.match(content, at, end):
            if found.end() >= end:
                return -1
            if content[found.end()] == _QUOTE:
                return found.end()
            if found.end() == at:  # a backslash before the end
                return -1
            at = found.end()
        return -1

    def _closing_quote_of_pairs(self, content: Content, start: int, end: int, pair: re.Pattern[bytes]) -> int:
        at = start
        while found := _SPECIAL.search(content, at, end):
            sign = content[found.start()]
            if sign == _QUOTE:
                return found.start()
            if sign == _BACKSLASH:
                at = found.start() + 2
            elif two := pair.match(content, found.start(), end):
                behind = _BEHIND.match(content, two.end(), end)
                ends_so = content[two.end() - 1] == _BACKSLASH
                at = behind.end() if behind and ends_so else two.end()
            else:
                at = found.start() + 1
        return -1


_CODE_PAGES = ("ascii", "big5", "cp", "euc", "gb", "iso8859", "johab", "koi8", "mac", "shift_jis", "utf-8")
_QUOTE, _BACKSLASH = ord('"'), ord("\\")


def _codec(written: str | None) -> str:
    name = _NAMES.get(written or "", f"cp{written}" if (written or "").isdigit() else written or "utf-8")
    try:
        found = _NAMES.get(name, codecs.lookup(name).name)
    except (LookupError, ValueError):  # the latter for a zero byte in the name
        return "utf-8"
    # Python has codecs that are no code page, "base64" and "undefined" among them.
    return found if found.startswith(_CODE_PAGES) else "utf-8"
