#!/usr/bin/env bash
# Prints the path of a browser that the tests open pages in: the one that is installed, or else Debian's chromium, which
# is fetched into the user's cache with the libraries and fonts that it needs and without installing anything.
set -euo pipefail
here="$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")"
# shellcheck source=debian.sh
. "$here/debian.sh"

# CPLANE_BROWSER=fetched leaves the installed ones alone.
if [ "${CPLANE_BROWSER:-}" != fetched ]; then
  for browser in chromium chromium-browser google-chrome; do
    if command -v "$browser"; then exit 0; fi
  done
fi

folder="$parts_home/chromium"
if [ ! -e "$folder/.complete" ] && [ "${1:-}" = --where ]; then exit 1; fi
fetch_packages "$folder" chromium fonts-dejavu-core ||
  { parts_say "Debian's package of chromium cannot be had here"; exit 1; }
if [ ! -x "$folder/browser" ]; then
  # Nothing of what was unpacked stands where it expects itself to be.
  cat >"$folder/fonts.conf" <<FONTS
<?xml version="1.0"?>
<!DOCTYPE fontconfig SYSTEM "fonts.dtd">
<fontconfig><dir>$folder/usr/share/fonts</dir><dir>/usr/share/fonts</dir><cachedir>$folder/fonts</cachedir></fontconfig>
FONTS
  cat >"$folder/browser.part" <<'BROWSER'
#!/bin/sh
folder="$(dirname "$(readlink -f "$0")")"
libraries="$(find "$folder/usr/lib" "$folder/lib" -name '*.so*' -printf '%h\n' 2>/dev/null | sort -u | tr '\n' ':')"
export LD_LIBRARY_PATH="$libraries${LD_LIBRARY_PATH:-}" FONTCONFIG_FILE="$folder/fonts.conf"
exec "$folder/usr/lib/chromium/chromium" "$@"
BROWSER
  chmod +x "$folder/browser.part" && mv "$folder/browser.part" "$folder/browser"
fi
printf '%s\n' "$folder/browser"
