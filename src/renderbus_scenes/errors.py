"""What a reader raises, whatever is wrong with a file."""

from __future__ import annotations

from renderbus_model.any_scene import AnyScene


class BadScene(ValueError):
    """A file is no scene, is damaged, or is of a version that is not read.

    Attributes:
        name: the file's name, as the caller gave it.
        offset: where reading stopped, in bytes of the (decompressed) file.
        why: what was found and what was expected, for a person who knows neither format nor reader.
        partial: what was read up to the damage, None when that is nothing.
    """

    def __init__(self, name: str, why: str, *, offset: int = 0, partial: AnyScene | None = None) -> None:
        super().__init__(f"{name}: {why}" if name else why)
        self.name = name
        self.offset = offset
        self.why = why
        self.partial: AnyScene | None = partial.as_partial() if partial else None
