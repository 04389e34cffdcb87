/** Shell functions of the maintenance: in which order the steps are taken, and what ends a run however it ends. */
export const MAINTENANCE_SEQUENCE = `
# step <what> <function> <its arguments>
step() {
  what=$1
  shift
  say "$2: $what"
  result=0
  "$@" || result=$?
  if [ "$result" -ne 0 ]; then complain "$2: $what failed with exit code $result"; fi
  return "$result"
}

# The registry serves uploads again, proved; only then is the mark gone that the next run, or a boot, would act on.
# The flag goes in any case: it silences an alert that from here on is wanted.
settle() {
  settled=0
  if [ -f "$STATE/$1.read-only" ]; then
    if step "read-write" go_read_write "$1" && step "uploads are taken" prove "$1" 202; then
      rm -f "$STATE/$1.read-only"
    else
      settled=1
    fi
  fi
  note "$1" maintenance 0
  write_metrics
  return "$settled"
}

settle_all() {
  unsettled=0
  while read -r registry _; do settle "$registry" || unsettled=1; done <"$STATE/registries"
  return "$unsettled"
}

# What takes uploads away, up to the proof that they are taken again.
collect_read_only() {
  # Before the first step that takes uploads away: a run that is cut off anywhere behind is recognised by it.
  note "$1" read-only yes
  note "$1" maintenance 1
  write_metrics
  step "read-only" go_read_only "$1" || return
  step "uploads are refused" prove "$1" 405 || return
  step "garbage collection" collect "$1"
}

maintain() {
  step "free disk" check_free "$1" || return
  step "uploads are taken" prove "$1" 202 || return
  if [ "$RETAINS" = yes ]; then step "retention" retain_tags "$1" || return; fi
  collect_read_only "$1" || return
  step "restart, read-write" go_read_write "$1" || return
  step "uploads are taken" prove "$1" 202 || return
  rm -f "$STATE/$1.read-only"
  note "$1" success "$(date +%s)"
  step "restart of the front" restart_front "$1" || return
  # Both look, whatever the first one sees.
  seen=0
  step "scan of the disk" scan_disk "$1" "$2" || seen=$?
  step "probe" probe_registry "$1" "$2" || seen=$?
  return "$seen"
}

# A container whose client was killed goes on by itself.
remove_leftover() { limited "$SHORT_SECONDS" docker rm -f "$PROJECT-maintenance" >/dev/null 2>&1 || :; }

maintain_all() {
  worst=0
  while read -r registry instance; do
    current=$registry
    ended=0
    maintain "$registry" "$instance" || ended=$?
    note "$registry" exit-code "$ended"
    if ! settle "$registry"; then
      ended=1
      note "$registry" exit-code 1
      write_metrics
    fi
    current=
    if [ "$ended" -ne 0 ]; then worst=$ended; fi
  done <"$STATE/registries"
  return "$worst"
}

# Runs at every end but SIGKILL, for which the unit has its own last command.
finish() {
  ending=$?
  trap - EXIT
  trap '' HUP INT TERM
  if [ -n "$child" ]; then
    kill "$child" 2>/dev/null || :
    wait "$child" 2>/dev/null || :
    child=
    remove_leftover
  fi
  if [ -n "$current" ]; then note "$current" exit-code "$ending"; fi
  settle_all || :
  exit "$ending"
}

# What a run before this one left: it had no time to say how it ended.
note_killed() {
  while read -r registry _; do
    if [ -f "$STATE/$registry.maintenance" ] && [ "$(cat "$STATE/$registry.maintenance")" = 1 ]; then
      note "$registry" exit-code 137
    fi
  done <"$STATE/registries"
}

main() {
  case $1 in '' | --recover) : ;; *) complain "usage: maintain.sh [--recover]"; exit 64 ;; esac
  STATE=$ROOT/maintenance
  child=
  current=
  mkdir -p "$STATE" "$ROOT/activation"
  # The lock of an activation: neither changes what the other works with. Who is killed loses it, and every child
  # that is still at work keeps it.
  exec 9>>"$ROOT/activation/lock"
  if ! flock -n 9; then
    complain "another maintenance or an activation is under way (it holds $ROOT/activation/lock): nothing was done"
    if [ "$1" = --recover ]; then exit 0; fi
    exit 75
  fi
  registries >"$STATE/registries"
  trap finish EXIT
  trap 'exit 129' HUP
  trap 'exit 130' INT
  trap 'exit 143' TERM
  remove_leftover
  note_killed
  recovered=0
  settle_all || recovered=$?
  if [ "$recovered" -ne 0 ]; then exit "$recovered"; fi
  if [ "$1" = --recover ]; then exit 0; fi
  maintained=0
  maintain_all || maintained=$?
  if [ "$maintained" -eq 0 ]; then say "maintenance done"; fi
  exit "$maintained"
}
`;
