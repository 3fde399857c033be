# Fetches real programs for the tests from the machine's own Debian sources into the user's cache, without installing
# anything: no root, no service that starts by itself. Meant to be sourced by bash.

parts_home="${XDG_CACHE_HOME:-$HOME/.cache}/control-plane/parts"
apt_home="$parts_home/apt"

parts_say() { printf 'control-plane: %s\n' "$*" >&2; }

apt_private() {
  "$1" -o Dir::Etc::sourcelist="$apt_home/sources.list" -o Dir::Etc::sourceparts="$apt_home/sources.d" \
    -o Dir::State="$apt_home/state" -o Dir::Cache="$apt_home/cache" -o Debug::NoLocking=1 \
    -o APT::Sandbox::User="$(id -un)" -o APT::Get::List-Cleanup=0 "${@:2}"
}

# The distribution's own sources and no others, with sources of packages switched on for this private copy only.
prepare_apt() {
  local file
  command -v apt-get >/dev/null 2>&1 && command -v dpkg-deb >/dev/null 2>&1 || return 1
  [ "$(. /etc/os-release && echo "${ID:-}")" = debian ] || return 1
  if [ -n "$(find "$apt_home/ready" -mtime -1 2>/dev/null)" ]; then return 0; fi
  mkdir -p "$apt_home"/{sources.d,state/lists/partial,cache/archives/partial}
  : >"$apt_home/sources.list"
  for file in /etc/apt/sources.list /etc/apt/sources.list.d/*.list /etc/apt/sources.list.d/*.sources; do
    if [ ! -f "$file" ]; then continue; fi
    case "$file" in
      *.sources)
        grep -q 'debian-archive-keyring' "$file" || continue
        sed -E 's/^Types: deb *$/Types: deb deb-src/' "$file" >"$apt_home/sources.d/${file##*/}" ;;
      *)
        sed -nE 's/^deb (.*debian.*(main).*)$/deb \1\ndeb-src \1/p' "$file" >>"$apt_home/sources.list" ;;
    esac
  done
  apt_private apt-get update -qq >&2 && touch "$apt_home/ready"
}

# fetch_packages FOLDER PACKAGE...: unpacks the packages, and what they need that is not installed, below FOLDER.
fetch_packages() {
  local folder=$1 part="$1.$$" list package
  shift
  if [ -e "$folder/.complete" ]; then return 0; fi
  prepare_apt || return 1
  list="$(apt_private apt-get install --no-install-recommends --print-uris -qq "$@" | sed -nE "s/^'[^']+' ([^ ]+\.deb) .*/\1/p")"
  [ -n "$list" ] || list="$(printf '%s\n' "$@")"
  rm -rf "$part" && mkdir -p "$part/debs" || return 1
  # The names carry the version, so that what is unpacked is what was resolved.
  (cd "$part/debs" && for package in $list; do
    package="${package%.deb}"
    # What is installed already is resolved to nothing, and taken by its name.
    case "$package" in
      *_*_*) package="${package%_*}" package="${package%%_*}=$(printf '%s' "${package#*_}" | sed 's/%3a/:/')" ;;
    esac
    apt_private apt-get download -qq "$package" >&2 || exit 1
  done) || { rm -rf "$part"; return 1; }
  for package in "$part"/debs/*.deb; do dpkg-deb -x "$package" "$part" || { rm -rf "$part"; return 1; }; done
  rm -rf "$part/debs"
  touch "$part/.complete"
  rm -rf "$folder" && mv "$part" "$folder"
}
