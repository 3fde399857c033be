#!/usr/bin/env bash
# Builds a Kubernetes API server, controller manager and scheduler from Debian's source package into the user's cache,
# once for a machine (about ten minutes of processor time), and fetches etcd. Prints the folder. Tests that need a real
# API server use it when it is there: tests/parts/kubernetes.sh --where prints the folder and fails when it is not.
set -euo pipefail
here="$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")"
# shellcheck source=debian.sh
. "$here/debian.sh"

version=1.20.2
source_package='kubernetes=1.20.5+really1.20.2-1.1+deb12u1'
folder="$parts_home/kubernetes-$version"
programs=(kube-apiserver kube-controller-manager kube-scheduler)

if [ -e "$folder/.complete" ]; then printf '%s\n' "$folder"; exit 0; fi
if [ "${1:-}" = --where ]; then exit 1; fi

mkdir -p "$parts_home"
exec 9>"$parts_home/.kubernetes.lock"
flock 9
if [ -e "$folder/.complete" ]; then printf '%s\n' "$folder"; exit 0; fi

tools="$parts_home/go-1.19"
fetch_packages "$tools" golang-1.19-go golang-github-modern-go-reflect2-dev rsync jq make etcd-server ||
  { parts_say "Debian's packages for building Kubernetes cannot be had here"; exit 1; }

work="$parts_home/kubernetes-build"
rm -rf "$work"
mkdir -p "$work"
parts_say "building Kubernetes $version from Debian's source package (once, log: $work/build.log) ..."
(
  cd "$work"
  apt_private apt-get source -qq "$source_package"
  cd kubernetes-*/
  # The vendored copy does not fit Go 1.18 and newer: the server would die on the first custom resource.
  rm -rf vendor/github.com/modern-go/reflect2
  cp -r "$tools/usr/share/gocode/src/github.com/modern-go/reflect2" vendor/github.com/modern-go/reflect2
  rm -f vendor/github.com/modern-go/reflect2/*_test.go vendor/github.com/modern-go/reflect2/go.mod

  export GOROOT="$tools/usr/lib/go-1.19" GOCACHE="$work/cache" GO111MODULE=off CGO_ENABLED=0 GOMAXPROCS=2 GOFLAGS=-p=2
  export PATH="$GOROOT/bin:$tools/usr/bin:$PATH" LD_LIBRARY_PATH="$tools/usr/lib/x86_64-linux-gnu:${LD_LIBRARY_PATH:-}"
  export FORCE_HOST_GO=y KUBE_GIT_VERSION_FILE="$work/version"
  printf '%s\n' 'KUBE_GIT_COMMIT=debian' 'KUBE_GIT_TREE_STATE=archive' "KUBE_GIT_VERSION=v$version" \
    'KUBE_GIT_MAJOR=1' 'KUBE_GIT_MINOR=20' >"$KUBE_GIT_VERSION_FILE"
  make generated_files
  for program in "${programs[@]}"; do make WHAT="cmd/$program" GOLDFLAGS='-s -w'; done
) >"$work/build.log" 2>&1 </dev/null || { tail -n 40 "$work/build.log" >&2; parts_say "the build failed"; exit 1; }

rm -rf "$folder.part"
mkdir -p "$folder.part"
for program in "${programs[@]}"; do
  cp "$(find "$work" -path "*/bin/*$program" -type f | head -n 1)" "$folder.part/$program"
done
cp "$tools/usr/bin/etcd" "$folder.part/etcd"
touch "$folder.part/.complete"
rm -rf "$folder" && mv "$folder.part" "$folder"
chmod -R u+w "$work" && rm -rf "$work"
printf '%s\n' "$folder"
