#!/bin/sh
# Installs the servers and tools that the tests run against, as far as it may, and says in one line what it did or
# what is missing. Silent when nothing is missing.
#
#   install-test-servers.sh            install what the tests need
#   install-test-servers.sh --bench    and what the benchmark needs
#   install-test-servers.sh --promtool-3  and Prometheus 3's promtool, which takes minutes to build
#   install-test-servers.sh --compose-2  and Docker Compose 2, which takes minutes to build
#   install-test-servers.sh --actionlint  and actionlint, by which rendered workflows are checked
#   install-test-servers.sh --etcd     and etcd, for the control plane of the end-to-end tests
#   install-test-servers.sh --cdktf    and cdktf's archived command line (400 MB), which the end-to-end tests deploy with
#   install-test-servers.sh --check    install nothing: exit 1 with the line where something is missing
#
# TALLYMAN_TOOLS names the folder of programs built by Go (default ${XDG_CACHE_HOME:-~/.cache}/tallyman/bin).
# With CI=true a missing server is a failure (exit 1); elsewhere the tests that need it fail with the same line.
set -u

distribution_version=v3.1.2
crane_version=v0.22.1
actionlint_version=v1.7.7
cdktf_version=0.21.0
promtool_version=v0.316.0 # of Prometheus 3
compose_version=v2.40.3
tools=${TALLYMAN_TOOLS:-${XDG_CACHE_HOME:-${HOME:-/root}/.cache}/tallyman/bin}

bench=no
promtool_3=no
compose_2=no
actionlint=no
etcd=no
cdktf=no
check=no
for argument in "$@"; do
  case $argument in
    --bench) bench=yes ;;
    --promtool-3) promtool_3=yes ;;
    --compose-2) compose_2=yes ;;
    --actionlint) actionlint=yes ;;
    --etcd) etcd=yes ;;
    --cdktf) cdktf=yes ;;
    --check) check=yes ;;
    *)
      echo "install-test-servers: unknown argument $argument (known: --bench, --promtool-3, --compose-2, --actionlint, --etcd, --cdktf, --check)" >&2
      exit 64
      ;;
  esac
done

has() {
  command -v "$1" >/dev/null 2>&1
}

missing=
need() { # binary package
  # What only root runs may be on no user's PATH.
  has "$1" || [ -x "/usr/sbin/$1" ] || missing="$missing $2"
}

find_missing() {
  missing=
  need docker-registry docker-registry
  need skopeo skopeo
  { has prometheus && has promtool; } || missing="$missing prometheus"
  need prometheus-pushgateway prometheus-pushgateway
  { has prometheus-alertmanager && has amtool; } || missing="$missing prometheus-alertmanager"
  need htpasswd apache2-utils
  need chromium chromium
  need nginx nginx-light
  need docker-compose docker-compose
  need sshd openssh-server
  need ssh openssh-client
  need shellcheck shellcheck
  if [ "$etcd" = yes ]; then
    [ -x "${KUBEBUILDER_ASSETS:-}/etcd" ] || need etcd etcd-server
    need openssl openssl
  fi
  if [ "$bench" = yes ]; then
    need wrk wrk
    need curl curl
    [ -x /usr/bin/time ] || missing="$missing time"
  fi
}

missing_line() {
  echo "missing for the tests:$missing. Install: sudo apt-get install --no-install-recommends$missing"
}

is_distribution_3() { # binary
  [ -x "$1" ] && "$1" --version 2>/dev/null | grep -q ' v3\.'
}

has_distribution_3() {
  # The folder is ours alone, so what is in it is trusted by name; a `registry` on PATH may be anybody's.
  [ -x "$tools/registry" ] || { has registry && is_distribution_3 "$(command -v registry)"; }
}

find_missing

if [ "$check" = yes ]; then
  [ -z "$missing" ] && exit 0
  missing_line
  exit 1
fi

installed=
as_root=
log=
policy=/usr/sbin/policy-rc.d
policy_is_ours=no

# shellcheck disable=SC2317 # called by the trap
clean_up() {
  if [ "$policy_is_ours" = yes ]; then $as_root rm -f "$policy"; fi
  if [ -n "$log" ]; then rm -f "$log"; fi
}

trap clean_up EXIT
trap 'exit 129' HUP
trap 'exit 130' INT
trap 'exit 143' TERM

may_use_apt() {
  has apt-get && has dpkg || return 1
  [ "$(id -u)" = 0 ] && return 0
  has sudo && sudo -n true 2>/dev/null && as_root="sudo -n"
}

apt() {
  $as_root env DEBIAN_FRONTEND=noninteractive apt-get -o DPkg::Lock::Timeout=120 "$@" </dev/null >>"$log" 2>&1
}

# Debian starts a service as soon as its package is installed, on its default port: exit 101 forbids it.
forbid_service_starts() {
  [ -e "$policy" ] && return 0
  policy_is_ours=yes
  printf '#!/bin/sh\nexit 101\n' | $as_root tee "$policy" >/dev/null && $as_root chmod 755 "$policy"
}

apt_problem=
if [ -n "$missing" ] && may_use_apt; then
  log=$(mktemp)
  wanted=$missing
  if forbid_service_starts; then
    # Old package lists are good enough until they are not.
    # shellcheck disable=SC2086 # a list of words
    apt install -y --no-install-recommends $wanted ||
      { apt update && apt install -y --no-install-recommends $wanted; } ||
      apt_problem=$(grep '^E:' "$log" | tail -n 1)
  fi
  find_missing
  for package in $wanted; do
    case " $missing " in
      *" $package "*) ;;
      *) installed="$installed $package" ;;
    esac
  done
fi

# What Debian has not. A failure is no failure of the tests: they then leave out what needs it, and say so.
go_install() { # module@version
  has go || return 1
  mkdir -p "$tools" && GOBIN="$tools" CGO_ENABLED=0 GOFLAGS=-trimpath timeout 900 go install "$1" >/dev/null 2>&1
}

not_run=
if ! has_distribution_3; then
  if go_install "github.com/distribution/distribution/v3/cmd/registry@$distribution_version"; then
    installed="$installed distribution-$distribution_version"
  else
    not_run="the distribution 3.1 matrix (install Go, or put a registry $distribution_version into $tools)"
  fi
fi
# The rules are then checked by both major versions.
if [ "$promtool_3" = yes ] && [ ! -x "$tools/promtool-3" ] && ! has promtool-3; then
  build=$(mktemp -d)
  if has go && mkdir -p "$tools" && GOBIN="$build" CGO_ENABLED=0 GOFLAGS=-trimpath timeout 1500 \
    go install "github.com/prometheus/prometheus/cmd/promtool@$promtool_version" >/dev/null 2>&1 &&
    mv -f "$build/promtool" "$tools/promtool-3"; then
    installed="$installed promtool-$promtool_version"
  else
    not_run="${not_run:+$not_run; }the rules by promtool 3 (install Go, or put promtool-3 into $tools)"
  fi
  rm -rf "$build"
fi
# Its go.mod replaces modules, so `go install` refuses it: a module of its own requires it instead.
if [ "$compose_2" = yes ] && [ ! -x "$tools/docker-compose-2" ] && ! has docker-compose-2; then
  build=$(mktemp -d)
  if has go && mkdir -p "$tools" && (
    cd "$build" &&
      # Under a tag of its own, as a program cannot be imported: it only keeps the requirement in go.mod.
      printf '//go:build tools\n\npackage tools\n\nimport _ "github.com/docker/compose/v2/cmd"\n' >tools.go &&
      go mod init tools &&
      go mod edit -require "github.com/docker/compose/v2@$compose_version" &&
      # -e: tests of its dependencies name modules that are nowhere.
      go mod tidy -e &&
      CGO_ENABLED=0 GOFLAGS=-trimpath timeout 1500 go build -o compose github.com/docker/compose/v2/cmd
  ) >/dev/null 2>&1 && mv -f "$build/compose" "$tools/docker-compose-2"; then
    installed="$installed docker-compose-$compose_version"
  else
    not_run="${not_run:+$not_run; }docker compose 2 (install Go, or put docker-compose-2 into $tools)"
  fi
  rm -rf "$build"
fi
if [ "$actionlint" = yes ] && [ ! -x "$tools/actionlint" ] && ! has actionlint; then
  if go_install "github.com/rhysd/actionlint/cmd/actionlint@$actionlint_version"; then
    installed="$installed actionlint-$actionlint_version"
  else
    not_run="${not_run:+$not_run; }the workflows by actionlint (install Go, or put actionlint $actionlint_version into $tools)"
  fi
fi
# Beside the tools, with a link among them: npm's own folder is the user's.
if [ "$cdktf" = yes ] && [ ! -x "$tools/cdktf" ] && ! has cdktf; then
  home=$(dirname "$tools")/cdktf-cli-$cdktf_version
  if mkdir -p "$tools" "$home" && timeout 600 npm install --prefix "$home" --no-audit --no-fund --no-package-lock \
    "cdktf-cli@$cdktf_version" >/dev/null 2>&1 && ln -s "$home/node_modules/.bin/cdktf" "$tools/cdktf"; then
    installed="$installed cdktf-cli-$cdktf_version"
  else
    not_run="${not_run:+$not_run; }cdktf deploy (npm could not install cdktf-cli $cdktf_version)"
  fi
fi
if [ "$bench" = yes ] && [ ! -x "$tools/crane" ] && ! has crane; then
  if go_install "github.com/google/go-containerregistry/cmd/crane@$crane_version"; then
    installed="$installed crane-$crane_version"
  else
    not_run="${not_run:+$not_run; }the comparison with crane (install Go, or put crane $crane_version into $tools)"
  fi
fi

if [ -n "$installed" ]; then echo "installed for the tests:$installed"; fi
if [ -n "$not_run" ]; then echo "not run: $not_run"; fi
if [ -n "$missing" ]; then
  echo "$(missing_line)${apt_problem:+ (apt-get: $apt_problem)}" >&2
  if [ "${CI:-}" = true ]; then exit 1; fi
fi
exit 0
