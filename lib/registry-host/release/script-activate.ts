/** Shell functions of the activation proper, in the order in which `work` calls them. */
export const SCRIPT_ACTIVATE = String.raw`
unpack_upload() {
  if [ ! -f "$DIR/upload.list" ]; then return; fi
  while read -r path bytes; do
    mkdir -p "$(dirname "$DIR/$path")"
    printf '%s' "$bytes" | base64 -d >"$DIR/$path" || fail "the upload is cut short. Apply again."
  done <"$DIR/upload.list"
  rm -f "$DIR/upload.list"
}

check_upload() {
  if ! (cd "$DIR" && sha256sum -c files.sha256) >"$RUN/sums" 2>&1; then
    grep -v ': OK$' "$RUN/sums" >&2 || :
    fail "the upload is not what was sent. Apply again."
  fi
  executables | while read -r file; do chmod 755 "$DIR/$file"; done
}

check_secrets() {
  secrets | while IFS= read -r file; do
    if [ ! -e "$file" ]; then printf '  %s\n' "$file"; fi
  done >"$RUN/missing"
  if [ ! -s "$RUN/missing" ]; then return; fi
  say "these are not on the host:" >&2
  cat "$RUN/missing" >&2
  fail "secrets are never uploaded: put them there, then apply again."
}

fetch_images() {
  images | while read -r image; do
    if docker_limited image inspect "$image" >/dev/null 2>&1; then continue; fi
    say "pulling $image"
    docker_limited pull -q "$image"
  done
}

check_configuration() {
  docker_limited compose -p "$PROJECT" -f "$DIR/docker-compose.yml" config -q
  check_front "$DIR"
}

# A release that is there already may be the one that runs: it is mended file by file, never moved away.
place_release() {
  recreate=
  if [ "$DIR" = "$ROOT/releases/$ID" ]; then return; fi
  if [ ! -d "$ROOT/releases/$ID" ]; then
    chmod 755 "$DIR"
    mv "$DIR" "$ROOT/releases/$ID"
    DIR=$ROOT/releases/$ID
    return
  fi
  (cd "$DIR" && find . -type f) >"$RUN/files"
  while read -r file; do
    if cmp -s "$DIR/$file" "$ROOT/releases/$ID/$file"; then continue; fi
    mkdir -p "$(dirname "$ROOT/releases/$ID/$file")"
    cp -p "$DIR/$file" "$ROOT/releases/$ID/$file.partial"
    mv -f "$ROOT/releases/$ID/$file.partial" "$ROOT/releases/$ID/$file"
    # The label of a container tells the file that was meant, not the spoilt one that it has open.
    case $file in ./activate.sh) : ;; *) recreate=--force-recreate ;; esac
  done <"$RUN/files"
  DIR=$ROOT/releases/$ID
}

http_status() {
  # -k: the name is dialled at this host's own address, and whether clients trust the certificate is the probe's
  # question. What counts here is that it is this listener that answers.
  docker_limited run --rm --network host --entrypoint curl "$FRONT_IMAGE" -sSk --noproxy '*' --max-time 10 \
    -o /dev/null -w '%{http_code}' --resolve "$2:$3:127.0.0.1" "$1://$2:$3$4"
}

verify() {
  listeners >"$RUN/listeners"
  while read -r name scheme host port path wanted; do
    tries=0
    while :; do
      status=$(http_status "$scheme" "$host" "$port" "$path" 2>"$RUN/curl") || :
      case ,$wanted, in *,"$status",*) break ;; esac
      tries=$((tries + 1))
      if [ $tries -ge 10 ]; then
        cat "$RUN/curl" >&2
        fail "$name must answer $wanted on $scheme://$host:$port$path, got $status"
      fi
      sleep 1
    done
  done <"$RUN/listeners"
}

start_release() {
  switch_to "$ID"
  say "switched to $ID"
  place_installed "$ID" "$1"
  data_folders | while IFS= read -r folder; do mkdir -p "$folder"; done
  # shellcheck disable=SC2086 # one word or none
  if ! compose "$ID" up -d --wait --remove-orphans $recreate; then
    compose "$ID" ps -a >&2 || :
    compose "$ID" logs --no-color --tail 15 >&2 || :
    fail "docker compose could not bring the release up"
  fi
  systemctl start "$UNIT"
  verify
}

roll_back() {
  say "release $ID does not work" >&2
  if [ -z "$1" ]; then
    say "there was none before: stopping it. Data stays." >&2
    compose "$ID" down --remove-orphans >&2 || :
    while read -r _ target; do
      case $target in systemd/*) systemctl disable --now "$(basename "$target")" || : ;; esac
      rm -f "$etc/$target"
    done <"$ROOT/releases/$ID/installed.list"
    systemctl daemon-reload || :
    switch_to 0
    return
  fi
  say "going back to release $1" >&2
  if [ "$1" != 0 ]; then switch_to "$1"; fi
  set +e
  # What ran by hand was never proved healthy: that it runs again is all there is to ask.
  wait=--wait
  if [ "$1" = 0 ]; then wait=; fi
  # shellcheck disable=SC2086 # one word or none
  (set -e; place_installed "$1" "$ID"; compose "$1" up -d $wait --remove-orphans)
  back=$?
  set -e
  # Last, as a release 0 that has no link is saved anew.
  if [ "$1" = 0 ]; then switch_to 0; fi
  if [ $back -ne 0 ]; then fail "release $1 did not come up either: look at docker compose -p $PROJECT ps -a"; fi
  say "release $1 runs again" >&2
  if [ -e "$etc/systemd/system/$UNIT" ] && ! systemctl start "$UNIT"; then
    say "note: $UNIT of release $1 could not be started" >&2
  fi
  if ! (verify_release "$1"); then say "note: release $1 runs, but does not answer as above" >&2; fi
}

# By its own listeners; what ran by hand has none written down, and is asked for those of the release that failed.
verify_release() {
  if [ -f "$ROOT/releases/$1/activate.sh" ]; then
    eval "$(grep '^listeners() {' "$ROOT/releases/$1/activate.sh")"
  fi
  verify
}

# The newest by their last success stay, KEEP of them, which is at least two.
prune() {
  number=0
  (cd "$ROOT/releases" && ls -1t -- */verified 2>/dev/null) | sed 's/\/verified$//' >"$RUN/verified"
  while read -r release; do
    number=$((number + 1))
    if [ $number -gt "$KEEP" ]; then rm -rf "$ROOT/releases/$release"; fi
  done <"$RUN/verified"
  for folder in "$ROOT"/releases/*/; do
    if [ ! -f "$folder/verified" ] && [ -d "$folder" ]; then rm -rf "$folder"; fi
  done
  # Another's upload may be under way: a day is longer than any.
  find "$ROOT/incoming" "$ROOT/activation" -mindepth 1 -maxdepth 1 -type d -mtime +0 -exec rm -rf {} +
}

work() {
  exec 9>"$ROOT/activation/lock"
  # The maintenance has the same lock: a registry that is being collected is not touched.
  if ! flock -n 9; then
    say "waiting for another activation, or the maintenance, to end"
    flock -w "$LOCK_TIMEOUT" 9 || fail "it did not end in $LOCK_TIMEOUT seconds. Apply again later."
  fi
  # One whose connection was cut may have waited longer than a later one.
  if [ "$(cat "$ROOT/activation/wanted")" != "$(basename "$RUN")" ]; then
    fail "a later activation took the place of this one: nothing was done"
  fi
  mkdir -p "$ROOT/releases"
  unpack_upload
  check_upload
  check_secrets
  save_running
  refuse_other_project
  refuse_foreign
  fetch_images
  check_configuration
  good=$(last_good)
  place_release
  set +e
  (set -e; start_release "$good")
  failed=$?
  set -e
  if [ $failed -ne 0 ]; then
    if [ "$good" = "$ID" ]; then fail "release $ID was the one that ran: there is nothing to go back to"; fi
    roll_back "$good"
    exit 1
  fi
  printf '%s\n' "$ID" | write_file "$ROOT/releases/last-good"
  touch "$ROOT/releases/$ID/verified"
  retire_all
  prune
  say "release $ID runs"
}

check_tools() {
  for tool in docker systemctl flock setsid timeout sha256sum base64 awk; do
    command -v "$tool" >/dev/null || fail "$tool is not on the host's PATH. Install it, then apply again."
  done
  timeout 60 docker compose version >/dev/null || fail "docker has no compose plugin. Install docker-compose-plugin (2.1.1 or later)."
}

# In a session of its own: a connection that is cut does not stop it half-way.
start_work() {
  check_tools
  mkdir -p "$ROOT/activation"
  RUN=$(mktemp -d "$ROOT/activation/$ID.XXXXXX")
  basename "$RUN" | write_file "$ROOT/activation/wanted"
  : >"$RUN/log"
  setsid sh "$DIR/activate.sh" work "$RUN" </dev/null >>"$RUN/log" 2>&1 &
  worker=$!
  shown=0
  while :; do
    ended=
    if [ -f "$RUN/exit" ] || ! kill -0 "$worker" 2>/dev/null; then ended=yes; fi
    size=$(wc -c <"$RUN/log")
    if [ "$size" -gt "$shown" ]; then
      tail -c "+$((shown + 1))" "$RUN/log" | head -c $((size - shown))
      shown=$size
    fi
    if [ -n "$ended" ]; then break; fi
    sleep 0.3
  done
  if [ ! -f "$RUN/exit" ]; then fail "the activation was killed. Apply again: it goes on from where it was."; fi
  exit "$(cat "$RUN/exit")"
}

end_work() { printf '%s\n' "$1" | write_file "$RUN/exit"; }

main() {
  DIR=$(cd "$(dirname "$0")" && pwd -P)
  if [ "$1" != work ]; then start_work; fi
  RUN=$2
  trap 'end_work $?' EXIT
  work
}
`;
