"""Opens an OpenGL context as Blender does where there is no screen, and tells which one it got.

Started as ``python -I -m renderbus_farm.renderers.inside_drawing PARENT SCRATCH``, in a process of its own
because a broken driver ends it; confined as the render process is, because a driver that cannot reach its
device from there is of no use. It prints one line of JSON: ``version`` and ``renderer``, or ``why_not``.
Source: Blender's ``intern/ghost/intern/GHOST_ContextEGL.cc`` and ``GHOST_SystemHeadless.hh``; the numbers
are those of https://registry.khronos.org/EGL/api/EGL/egl.h and eglext.h.
"""

from __future__ import annotations

import ctypes
import json
import os
import sys
from typing import Any, Final

from renderbus_farm.processes import die_with_parent
from renderbus_farm.renderers.confine import confine

LIBRARY: Final = "libEGL.so.1"
LEAST: Final = (4, 3)
"""The OpenGL that Blender wants since 4.0."""

_NEWEST_MINOR = 6
_EXTENSIONS, _SURFACELESS_MESA = 0x3055, 0x31DD
_NONE, _OPENGL_API = 0x3038, 0x30A2
# Renderable with OpenGL, 8 bits of red, green and blue, drawn off the screen.
_CONFIGURATION = (0x3040, 0x0008, 0x3024, 8, 0x3023, 8, 0x3022, 8, 0x3033, 0x0001)
_ONE_PIXEL = (0x3057, 1, 0x3056, 1)
_MAJOR, _MINOR, _PROFILE, _CORE = 0x3098, 0x30FB, 0x30FD, 0x0001
_GL_RENDERER, _GL_VERSION = 0x1F01, 0x1F02

_Int = ctypes.c_int
_Handle = ctypes.c_void_p
_Text = ctypes.c_char_p


class CannotDraw(Exception):
    """There is no such context; the message says at which step it came to nothing."""


def context() -> dict[str, str]:
    """Open a context and make it the current one: its OpenGL version and who draws.

    Raises:
        CannotDraw: it came to nothing.
    """
    egl = _library()
    display = _display(egl)
    if not egl.eglBindAPI(_OPENGL_API):
        raise CannotDraw(f"EGL has no OpenGL ({_error(egl)})")
    config, count = _Handle(), _Int()
    chosen = egl.eglChooseConfig(
        display, _attributes(*_CONFIGURATION), ctypes.byref(config), 1, ctypes.byref(count)
    )
    if not chosen or count.value != 1:
        raise CannotDraw(f"EGL has no configuration to draw off the screen with ({_error(egl)})")
    surface = egl.eglCreatePbufferSurface(display, config, _attributes(*_ONE_PIXEL))
    if not surface:
        raise CannotDraw(f"EGL makes no surface off the screen ({_error(egl)})")
    made = _newest(egl, display, config)
    if not egl.eglMakeCurrent(display, surface, surface, made):
        raise CannotDraw(f"the OpenGL context cannot be used ({_error(egl)})")
    address = egl.eglGetProcAddress(b"glGetString")
    if not address:
        raise CannotDraw("EGL has no function glGetString")
    told = ctypes.CFUNCTYPE(_Text, ctypes.c_uint)(address)
    version, renderer = (
        (told(name) or b"").decode("utf-8", "replace") for name in (_GL_VERSION, _GL_RENDERER)
    )
    if not version:
        raise CannotDraw("the OpenGL context does not tell its version")
    return {"version": version, "renderer": renderer}


def _library() -> Any:
    try:
        egl: Any = ctypes.CDLL(LIBRARY)
    except OSError as error:
        raise CannotDraw(f"{LIBRARY} cannot be loaded ({error})") from error
    signatures: dict[str, tuple[Any, tuple[Any, ...]]] = {
        "eglGetError": (_Int, ()),
        "eglGetDisplay": (_Handle, (_Handle,)),
        "eglInitialize": (_Int, (_Handle, _Handle, _Handle)),
        "eglTerminate": (_Int, (_Handle,)),
        "eglQueryString": (_Text, (_Handle, _Int)),
        "eglGetProcAddress": (_Handle, (_Text,)),
        "eglBindAPI": (_Int, (ctypes.c_uint,)),
        "eglChooseConfig": (_Int, (_Handle, _Handle, _Handle, _Int, _Handle)),
        "eglCreatePbufferSurface": (_Handle, (_Handle, _Handle, _Handle)),
        "eglCreateContext": (_Handle, (_Handle, _Handle, _Handle, _Handle)),
        "eglMakeCurrent": (_Int, (_Handle, _Handle, _Handle, _Handle)),
    }
    for name, (result, arguments) in signatures.items():
        try:
            function = getattr(egl, name)
        except AttributeError as error:
            raise CannotDraw(f"{LIBRARY} has no function {name}") from error
        function.restype, function.argtypes = result, arguments
    return egl


def _display(egl: Any) -> int:
    """The machine's own; where that does not open, the one of Mesa's that has no surface."""
    display = egl.eglGetDisplay(None)
    if display and _opens(egl, display):
        return int(display)
    first = _error(egl)
    if display:
        egl.eglTerminate(display)
    extensions = (egl.eglQueryString(None, _EXTENSIONS) or b"").split()
    address = egl.eglGetProcAddress(b"eglGetPlatformDisplayEXT")
    if b"EGL_MESA_platform_surfaceless" not in extensions or not address:
        raise CannotDraw(
            f"EGL opens no display ({first}), and none without a screen: it has no driver for that"
        )
    surfaceless = ctypes.CFUNCTYPE(_Handle, ctypes.c_uint, _Handle, _Handle)(address)
    display = surfaceless(_SURFACELESS_MESA, None, None)
    if display and _opens(egl, display):
        return int(display)
    raise CannotDraw(f"EGL opens no display ({first}), and none without a screen ({_error(egl)})")


def _opens(egl: Any, display: int) -> bool:
    major, minor = _Int(), _Int()
    opened = egl.eglInitialize(display, ctypes.byref(major), ctypes.byref(minor))
    return bool(opened) and (major.value, minor.value) != (0, 0)


def _newest(egl: Any, display: int, config: ctypes.c_void_p) -> int:
    """The newest version that there is is asked for first; a refusal of that one is no error."""
    major, least = LEAST
    for minor in range(_NEWEST_MINOR, least - 1, -1):
        wanted = _attributes(_MAJOR, major, _MINOR, minor, _PROFILE, _CORE)
        if made := egl.eglCreateContext(display, config, None, wanted):
            return int(made)
    raise CannotDraw(f"there is no OpenGL {major}.{least} or later here ({_error(egl)})")


def _attributes(*numbers: int) -> Any:
    return (_Int * (len(numbers) + 1))(*numbers, _NONE)


def _error(egl: Any) -> str:
    return f"EGL error 0x{egl.eglGetError():04X}"


def main(arguments: list[str]) -> None:
    """Print what there is."""
    (scratch,) = arguments
    words = os.dup(1)
    os.dup2(2, 1)  # drivers print as they like
    confine([], [scratch])
    try:
        told = context()
    except CannotDraw as error:
        told = {"why_not": str(error)}
    os.write(words, json.dumps(told).encode() + b"\n")


if __name__ == "__main__":
    die_with_parent(int(sys.argv[1]))
    main(sys.argv[2:])
    os._exit(0)  # a driver's way out may crash, and all is said
