#!/usr/bin/env bash
# build-binaries.sh FOLDER KUBERNETES-VERSION KWOK-VERSION PROGRAM...: puts programs into FOLDER, which they are renamed into
# when they are whole. Kubernetes' own and kwok are built from the Go module proxy (Go 1.24 or later; five to ten minutes the
# first time), etcd is unpacked from Debian's package without being installed. What FOLDER has already is left as it is.
# Of several runs at once one works and the others wait.
set -euo pipefail
folder=$1 kubernetes=$2 kwok=$3
shift 3

say() { printf '%s\n' "$*" >&2; }
die() { say "$*"; exit 1; }

mkdir -p "$folder"
folder=$(cd "$folder" && pwd)
exec 9>"$folder/.lock"
command -v flock >/dev/null || die 'flock (util-linux) is missing: two builds at once could not wait for each other.'
flock 9 # The kernel lets go of it when this process ends, however it ends.

work=$(mktemp -d "$folder/.build-XXXXXX")
trap 'chmod -R u+w "$work"; rm -rf "$work"' EXIT

kubernetes_commands=()
kwok_wanted= etcd_wanted=
for program in "$@"; do
  [ ! -x "$folder/$program" ] || continue
  case $program in
    etcd) etcd_wanted=1 ;;
    kwok) kwok_wanted=1 ;;
    *) kubernetes_commands+=("$program") ;;
  esac
done

need_go() {
  command -v go >/dev/null || die 'Go is missing: Go 1.24 or later builds them from the Go module proxy (https://go.dev/dl).'
  local version
  version=$(cd "$work" && go env GOVERSION)
  [[ $version =~ ^go1\.([0-9]+) ]] && [ "${BASH_REMATCH[1]}" -ge 24 ] || die "Go 1.24 or later is needed; go on PATH is $version."
}

# put PROGRAM...: what was made becomes visible.
put() { local program; for program in "$@"; do mv "$work/bin/$program" "$folder/$program"; say "built $folder/$program"; done; }

build_kubernetes() { # COMMAND...
  need_go
  say "building $* $kubernetes into $folder: five to ten minutes the first time"
  mkdir "$work/kubernetes"
  cd "$work/kubernetes"
  # Kubernetes' own go.mod points at its libraries by relative paths, which a module that depends on it has to replace.
  local module_json kubernetes_mod command package flags=
  module_json=$(go mod download -json "k8s.io/kubernetes@v$kubernetes") ||
    die "the Go module proxy ($(go env GOPROXY)) does not give k8s.io/kubernetes: is there a network?"
  kubernetes_mod=$(sed -n 's/.*"GoMod": "\(.*\)".*/\1/p' <<<"$module_json")
  {
    printf 'module binaries\ngo 1.24.0\ngodebug default=go1.24\nrequire k8s.io/kubernetes v%s\n' "$kubernetes"
    awk -v version="v0.${kubernetes#1.}" '/=> \.\/staging/ {print "replace " $1 " => " $1 " " version}' "$kubernetes_mod"
  } >go.mod
  {
    printf '//go:build tools\n\npackage binaries\n\nimport (\n'
    printf '\t_ "k8s.io/kubernetes/cmd/%s"\n' "$@"
    printf ')\n'
  } >tools.go
  go mod tidy 2>tidy.log || die "$(tail -5 tidy.log)"
  local minor=${kubernetes#1.}
  for package in k8s.io/component-base/version k8s.io/client-go/pkg/version; do
    flags+=" -X $package.gitVersion=v$kubernetes -X $package.gitMajor=1 -X $package.gitMinor=${minor%.*}"
  done
  for command in "$@"; do
    CGO_ENABLED=0 go build -o "$work/bin/" -ldflags "-s -w$flags" "k8s.io/kubernetes/cmd/$command"
    put "$command"
  done
}

build_kwok() {
  need_go
  say "building kwok $kwok into $folder"
  (cd "$work" && CGO_ENABLED=0 GOBIN=$work/bin go install "sigs.k8s.io/kwok/cmd/kwok@v$kwok" 2>kwok.log) ||
    die "$(tail -5 "$work/kwok.log")"
  put kwok
}

unpack_etcd() {
  command -v apt-get >/dev/null && command -v dpkg-deb >/dev/null ||
    die "etcd is neither on PATH nor, without apt-get and dpkg-deb, to be had from Debian's package etcd-server."
  mkdir "$work/etcd"
  cd "$work/etcd"
  if ! apt-get download etcd-server >download.log 2>&1; then
    # Without package lists nothing can be downloaded, and only root can get them.
    apt-get update >update.log 2>&1 || die "apt-get download etcd-server: $(tail -2 download.log)
apt-get update: $(tail -2 update.log)
As root: apt-get update. Or put any etcd on PATH."
    apt-get download etcd-server >download.log 2>&1 ||
      die "apt-get download etcd-server: $(tail -2 download.log)
Is there a network? Or put any etcd on PATH."
  fi
  dpkg-deb -x etcd-server_*.deb .
  mv usr/bin/etcd "$work/bin/"
  put etcd
}

mkdir "$work/bin"
if [ -n "$etcd_wanted" ]; then (unpack_etcd); fi
if [ ${#kubernetes_commands[@]} -gt 0 ]; then (build_kubernetes "${kubernetes_commands[@]}"); fi
if [ -n "$kwok_wanted" ]; then (build_kwok); fi
