/** Shell functions of the maintenance: what each step does. POSIX, for dash and BusyBox alike. */
export const MAINTENANCE_STEPS = String.raw`
say() { printf '%s\n' "tallyman: $*"; }
complain() { say "$*" >&2; }

# Written beside and renamed: a reader never sees half of it. The other ending is none that the exporter collects.
write_file() { cat >"$1.partial" && mv -f "$1.partial" "$1"; }

# limited <seconds> <command>. In the background, so that a signal is heeded at once and not when the step ends.
limited() {
  seconds=$1
  shift
  timeout -k 30 "$seconds" "$@" </dev/null &
  child=$!
  code=0
  wait "$child" || code=$?
  child=
  if [ "$code" = 124 ] || [ "$code" = 137 ]; then complain "ended after $seconds seconds: $*"; fi
  return "$code"
}

# serving <seconds> <arguments of compose>, read_only likewise: the same project with one file more or less.
serving() {
  limit=$1
  shift
  limited "$limit" docker compose -p "$PROJECT" -f "$ROOT/current/docker-compose.yml" "$@"
}

read_only() {
  limit=$1
  shift
  limited "$limit" docker compose -p "$PROJECT" -f "$ROOT/current/docker-compose.yml" \
    -f "$ROOT/current/docker-compose.read-only.yml" "$@"
}

# in_container <seconds> <options of docker run> -- <arguments of node>. Root without its powers but to read what
# others may not; --init, as a first process without it would not heed the end of its time.
in_container() {
  limit=$1
  shift
  limited "$limit" docker run --rm --init --name "$PROJECT-maintenance" --network "$PROJECT"_registry \
    --user 0:0 --cap-drop ALL --cap-add DAC_READ_SEARCH --security-opt no-new-privileges --read-only \
    --log-driver none -v "$ROOT/current/tallyman-host.mjs:/tallyman-host.mjs:ro" "$@"
}

with_credentials() {
  limit=$1
  shift
  in_container "$limit" -v "$CREDENTIALS:/credentials:ro" -e TALLYMAN_CREDENTIALS_DIR=/credentials "$@"
}

# prove <registry> <status>: what an upload is answered, asked again until it is that.
prove() {
  with_credentials "$SHORT_SECONDS" -v "$ROOT/current/maintenance/upload-status.mjs:/upload-status.mjs:ro" \
    "$PROGRAM_IMAGE" node /upload-status.mjs "http://registry-$1:5000" "$2" 60
}

check_free() {
  free=$(df -Pk "$DATA_ROOT/$1" | awk 'NR == 2 { print $4 }')
  if [ "$free" -ge "$LEAST_FREE_KIB" ]; then return; fi
  complain "$DATA_ROOT/$1 must have $LEAST_FREE_KIB KiB free, has $free KiB. Remove tags, or make the disk larger."
  return 1
}

retain_tags() {
  # The storage tells when what was uploaded: an old image that was pushed just now must not go.
  retain_with with_credentials "$RETAIN_SECONDS" -v "$DATA_ROOT/$1:/data/$1:ro" "$PROGRAM_IMAGE" node \
    /tallyman-host.mjs retain "http://registry-$1:5000" --storage "/data/$1"
}

go_read_only() { read_only "$START_SECONDS" up -d --no-deps "registry-$1"; }

# In the registry's own container, not in one beside it: a collection that outlives its client ends when that
# container is replaced by the one that takes uploads again, and can never meet one.
collect() {
  collect_with read_only "$COLLECT_SECONDS" exec -T "registry-$1" registry garbage-collect
}

# Forced: until its restart a registry promises, from memory, blobs that the collection took.
go_read_write() { serving "$START_SECONDS" up -d --no-deps --force-recreate "registry-$1"; }

restart_front() { serving "$START_SECONDS" restart registry-nginx; }

# Its metrics are on standard output whatever it found; 1 is damage, 2 what could not be read.
scan_disk() {
  scanned=0
  in_container "$SCAN_SECONDS" -v "$DATA_ROOT/$1:/data/$1:ro" "$PROGRAM_IMAGE" node /tallyman-host.mjs scan /data \
    --role "$1=authoritative" --instance "$1=$2" --format prometheus >"$STATE/$1.scan" || scanned=$?
  if [ -s "$STATE/$1.scan" ]; then write_file "$TEXTFILES/registry-scan-$1.prom" <"$STATE/$1.scan"; fi
  rm -f "$STATE/$1.scan"
  return "$scanned"
}

probe_registry() {
  with_credentials "$PROBE_SECONDS" "$PROGRAM_IMAGE" node /tallyman-host.mjs probe "http://registry-$1:5000" \
    --instance "$2" --interval 1h --deadline 50m
}

# one_metric <name> <help> <ending of the state's files>
one_metric() {
  printf '# HELP %s %s\n# TYPE %s gauge\n' "$1" "$2" "$1"
  registries | while read -r name instance; do
    if [ -f "$STATE/$name.$3" ]; then printf '%s{instance="%s"} %s\n' "$1" "$instance" "$(cat "$STATE/$name.$3")"; fi
  done
}

write_metrics() {
  if [ ! -d "$TEXTFILES" ]; then
    complain "$TEXTFILES is not there, so that nobody sees the metrics of this run"
    return
  fi
  {
    one_metric registry_gc_last_success_timestamp "$HELP_SUCCESS" success
    one_metric registry_gc_last_exit_code "$HELP_EXIT_CODE" exit-code
    one_metric registry_maintenance "$HELP_MAINTENANCE" maintenance
  } | write_file "$TEXTFILES/registry-host.prom"
}

# note <registry> <what> <value>
note() { printf '%s\n' "$3" | write_file "$STATE/$1.$2"; }
`;
