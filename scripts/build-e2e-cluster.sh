#!/usr/bin/env bash
# Builds the control plane that `npm run test:e2e` starts, by Go from test/e2e/cluster/go.mod, into the cache that the
# tests look in: by version, outside the checkout. Does nothing where it is there already; needs Go and some minutes.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../test/e2e/cluster"

version=$(sed -n 's/^require k8s.io\/kubernetes \(v[0-9.]*\)$/\1/p' go.mod)
target="${XDG_CACHE_HOME:-$HOME/.cache}/tallyman/kubernetes/$version"
programs=(kube-apiserver kube-controller-manager kube-scheduler)

missing=()
for program in "${programs[@]}"; do
  [ -x "$target/$program" ] || missing+=("$program")
done
[ "${#missing[@]}" -gt 0 ] || exit 0

if ! command -v go >/dev/null; then
  echo "missing for the end-to-end tests: go, to build Kubernetes $version. Install it, or set KUBEBUILDER_ASSETS." >&2
  exit 1
fi
mkdir -p "$target"
# A build outside of its own repository does not know what it is, and clients refuse a version that is none.
stamp=k8s.io/component-base/version
minor=${version#v*.}
flags="-s -w -X $stamp.gitVersion=$version -X $stamp.gitMajor=1 -X $stamp.gitMinor=${minor%%.*}"
for program in "${missing[@]}"; do
  echo "building $program $version"
  # One that was cut short is never taken for a whole one.
  CGO_ENABLED=0 go build -trimpath -ldflags="$flags" -o "$target/.$program.partial" "k8s.io/kubernetes/cmd/$program"
  mv "$target/.$program.partial" "$target/$program"
done
