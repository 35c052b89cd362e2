#!/usr/bin/env bash
# Sets up .venv from the pinned versions in constraints.txt, and the system packages that are missing.
#
#   scripts/setup.sh demo     what a farm with Blender's Cycles needs
#   scripts/setup.sh test     the same and the development tools
#
# Run it as often as you like: it does nothing when nothing changed. PYTHON names the interpreter (3.11).
set -euo pipefail
cd "$(dirname "$0")/.."

what=${1:?usage: scripts/setup.sh demo|test}
case $what in
  demo) extras=farm,blender ;;
  test) extras=farm,blender,dev ;;
  *) echo "setup: unknown target '$what', expected demo or test" >&2; exit 64 ;;
esac

say() { printf 'setup: %s\n' "$*" >&2; }

find_python() {
  local candidate
  for candidate in ${PYTHON:+"$PYTHON"} python3.11 python3; do
    if command -v "$candidate" >/dev/null &&
       "$candidate" -c 'import sys; sys.exit(sys.version_info[:2] != (3, 11))' 2>/dev/null; then
      command -v "$candidate"
      return
    fi
  done
  say "Python 3.11 is needed (the bpy wheel that carries Cycles exists for no other), and none was found."
  say "On Debian 12: apt-get install python3 python3-venv. Elsewhere: name it, e.g. PYTHON=/opt/python3.11/bin/python3 make $what"
  exit 1
}

# What bpy links against, as library and Debian package; found one by one on a bare Debian 12.
libraries='libXrender.so.1:libxrender1 libXfixes.so.3:libxfixes3 libXi.so.6:libxi6
libxkbcommon.so.0:libxkbcommon0 libSM.so.6:libsm6 libGL.so.1:libgl1'

# What Blender's Eevee and Workbench draw with, which tests render with too.
drawing='libEGL.so.1:libegl1'

# Programs that tests start, as name and Debian package.
programs='redis-server:redis-server povray:povray'

missing_packages() {
  "$python" -c 'import ensurepip, venv' 2>/dev/null || echo python3-venv
  local entry needed=$libraries
  [ "$what" != test ] || needed="$needed $drawing"
  for entry in $needed; do
    "$python" -c "import ctypes; ctypes.CDLL('${entry%%:*}')" 2>/dev/null || echo "${entry##*:}"
  done
  if [ "$what" = test ]; then
    for entry in $programs; do
      command -v "${entry%%:*}" >/dev/null || echo "${entry##*:}"
    done
    # What POV-Ray's scenes include is a package of its own, which it only recommends.
    compgen -G '/usr/share/povray-*/include/colors.inc' >/dev/null || echo povray-includes
  fi
}

install_packages() {
  local apt=(env DEBIAN_FRONTEND=noninteractive apt-get) command
  command="apt-get install -y --no-install-recommends $*"
  if ! command -v apt-get >/dev/null; then
    say "these system packages are missing (Debian's names): $*"
    say "install what your system calls them, then run this again."
    exit 1
  fi
  if [ "$(id -u)" != 0 ]; then
    if command -v sudo >/dev/null && sudo -n true 2>/dev/null; then
      apt=(sudo -n "${apt[@]}")
    else
      say "these system packages are missing, and only root may install them: $*"
      say "run: sudo $command"
      exit 1
    fi
  fi
  say "installing system packages: $*"
  local log
  log=$(mktemp)
  if ! { "${apt[@]}" -qq update && "${apt[@]}" -qq install -y --no-install-recommends "$@"; } >"$log" 2>&1; then
    tail -n 20 "$log" >&2
    say "these system packages could not be installed: $*"
    say "install them by hand (as root: $command), then run this again."
    exit 1
  fi
  rm -f "$log"
}

# The published client packages, for tests/together/published. Their pins contradict ours and each other's, so
# each has an environment of its own; a list names everything in it, hence --no-deps.
install_published() {
  local list folder
  for list in tests/together/published/requirements/*.txt; do
    folder=.venv/published/$(basename "$list" .txt)
    if ! cmp -s "$list" "$folder/.set-up"; then
      say "installing the published packages of ${list##*/} into $folder"
      rm -rf "$folder"
      .venv/bin/python -m venv --without-pip "$folder"
      # As a constraint the list also holds for what packages are built with.
      PIP_CONSTRAINT=$list "${pip[@]}" --python "$folder/bin/python" install -q --no-deps -r "$list"
      cp "$list" "$folder/.set-up"
    fi
  done
}

python=$(find_python)
pip=(.venv/bin/python -m pip --disable-pip-version-check)
stamp=.venv/.set-up-$what
wanted=$("$python" -c 'import hashlib, pathlib, sys
print(hashlib.sha256(b"".join(pathlib.Path(p).read_bytes() for p in sys.argv[1:])).hexdigest())' \
  pyproject.toml constraints.txt scripts/setup.sh)

missing=$(missing_packages)
if [ -n "$missing" ]; then
  # shellcheck disable=SC2086  # one word a package
  install_packages $missing
fi

if [ -x .venv/bin/python ] && [ "$(cat "$stamp" 2>/dev/null || true)" = "$wanted $PWD" ]; then
  if [ "$what" = test ]; then install_published; fi
  exit 0
fi
if ! .venv/bin/python -c 'import sys; sys.exit(sys.version_info[:2] != (3, 11))' 2>/dev/null; then
  say "making .venv with $python"
  rm -rf .venv
  "$python" -m venv .venv
fi
say "installing pinned packages into .venv (Blender's wheel is about 370 MB)"
"${pip[@]}" install -q -c constraints.txt hatchling
"${pip[@]}" install -q -c constraints.txt --no-build-isolation -e ".[$extras]"
if [ "$what" = test ]; then install_published; fi
printf '%s %s' "$wanted" "$PWD" > "$stamp"
say "ready"
