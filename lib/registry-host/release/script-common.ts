/** Shell functions that every part of the activation calls. POSIX, for dash and BusyBox alike. */
export const SCRIPT_COMMON = String.raw`
say() { printf '%s\n' "tallyman: $*"; }
fail() { say "$*" >&2; exit 1; }

# Written beside and renamed: a reader never sees half of it.
write_file() { cat >"$1.partial" && mv -f "$1.partial" "$1"; }

has_line() { grep -Fxq -e "$1"; }

# The release that was last seen to work: where a failed activation goes back to. Empty on a fresh host.
last_good() {
  good=
  if [ -f "$ROOT/releases/last-good" ]; then good=$(cat "$ROOT/releases/last-good"); fi
  if [ -n "$good" ] && [ -f "$ROOT/releases/$good/docker-compose.yml" ]; then printf '%s' "$good"; fi
}

docker_limited() { timeout "$STEP_TIMEOUT" docker "$@"; }

# compose <release> <arguments>. Release 0 is what ran before the first activation: its files name each other
# relative to the root. Every other is reached by the link, as the unit reaches it, so that nothing differs.
compose() {
  release=$1
  shift
  if [ "$release" != 0 ]; then
    docker_limited compose -p "$PROJECT" -f "$ROOT/current/docker-compose.yml" "$@"
  elif [ -f "$ROOT/releases/0/docker-compose.override.yml" ]; then
    docker_limited compose -p "$PROJECT" --project-directory "$ROOT" -f "$ROOT/releases/0/docker-compose.yml" \
      -f "$ROOT/releases/0/docker-compose.override.yml" "$@"
  else
    docker_limited compose -p "$PROJECT" --project-directory "$ROOT" -f "$ROOT/releases/0/docker-compose.yml" "$@"
  fi
}

switch_to() {
  rm -rf "$ROOT/.current.new"
  if [ "$1" = 0 ]; then
    rm -f "$ROOT/current"
  else
    ln -s "releases/$1" "$ROOT/.current.new"
    mv -fT "$ROOT/.current.new" "$ROOT/current"
  fi
}

# place_installed <release> [<other>]: what the release installs below /etc, and nothing that the other alone did.
place_installed() {
  changed=
  if [ -n "$2" ] && [ -f "$ROOT/releases/$2/installed.list" ]; then
    while read -r _ target; do
      if [ ! -e "$etc/$target" ] || cut -d ' ' -f 2 <"$ROOT/releases/$1/installed.list" | has_line "$target"; then
        continue
      fi
      case $target in systemd/*) systemctl disable --now "$(basename "$target")" || : ;; esac
      rm -f "$etc/$target"
      changed=yes
    done <"$ROOT/releases/$2/installed.list"
  fi
  while read -r source target; do
    if cmp -s "$ROOT/releases/$1/$source" "$etc/$target"; then continue; fi
    mkdir -p "$(dirname "$etc/$target")"
    write_file "$etc/$target" <"$ROOT/releases/$1/$source"
    chmod 644 "$etc/$target"
    changed=yes
  done <"$ROOT/releases/$1/installed.list"
  if [ -n "$changed" ]; then systemctl daemon-reload; fi
  while read -r _ target; do
    if ! grep -q '^\[Install\]' "$etc/$target"; then continue; fi
    case $target in
      *.timer)
        systemctl enable "$(basename "$target")"
        # A changed time is read at a restart alone.
        systemctl restart "$(basename "$target")"
        ;;
      systemd/*) systemctl enable "$(basename "$target")" ;;
    esac
  done <"$ROOT/releases/$1/installed.list"
}
`;
