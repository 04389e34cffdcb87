/**
 * Shell functions that find suspect lines in a file (or `-`) and in the scripts that it calls; they read the variables
 * ROOT, DATA_ROOT and PROJECT, call `services` and `own_paths`, and write nothing.
 *
 * @param prefix shell text before each path that a file names: "" on the host itself
 */
export function renderSuspects(prefix: "" | "$PREFIX"): string {
  return String.raw`
# suspects <file>: its lines, numbered, that collect garbage, or name the root, the data, the project or a container.
suspects() {
  TALLYMAN_ROOT=$ROOT TALLYMAN_DATA=$DATA_ROOT TALLYMAN_PROJECT=$PROJECT TALLYMAN_SERVICES=$(services) awk '
    # Whether the word is there and ends there, and begins there too unless it is a path: -C/opt/registry.
    function holds(line, word, at) {
      while ((at = index(line, word)) > 0) {
        if (substr(line, at + length(word), 1) !~ /[A-Za-z0-9._-]/ &&
          (word ~ /^\// || at == 1 || substr(line, at - 1, 1) !~ /[A-Za-z0-9._\/-]/)) return 1
        line = substr(line, at + 1)
      }
      return 0
    }
    function names_project(line, at) {
      gsub(/["\047]/, "", line)
      gsub(/[ \t=]+/, " ", line)
      if (holds(line, "COMPOSE_PROJECT_NAME " project)) return 1
      at = index(line, "compose")
      if (at == 0) return 0
      line = substr(line, at)
      return holds(line, "-p " project) || holds(line, "-p" project) || holds(line, "--project-name " project)
    }
    function names_container(line, i) {
      if (line !~ /docker/) return 0
      for (i = 1; i <= count; i++) if (holds(line, service[i])) return 1
      return 0
    }
    BEGIN {
      project = ENVIRON["TALLYMAN_PROJECT"]
      count = split(ENVIRON["TALLYMAN_SERVICES"], service, "\n")
    }
    /^[ \t]*#/ { next }
    /garbage-collect/ || index($0, ENVIRON["TALLYMAN_DATA"]) || holds($0, ENVIRON["TALLYMAN_ROOT"]) ||
      names_project($0) || names_container($0) { print NR ": " $0 }' "$1"
}

is_text() { [ -f "$1" ] && [ -r "$1" ] && [ "$(wc -c <"$1")" -lt 1048576 ] && grep -Iq . "$1"; }

# called_by <text file>: absolute paths that it names.
called_by() { grep -v '^[[:space:]]*#' "$1" | grep -oE '/[A-Za-z0-9._/+-]+' | sort -u; }

# suspect_scripts <text file> <depth>: suspect lines of the scripts that a file calls, and of those that they call.
suspect_scripts() (
  called_by "$1" | while read -r called; do
    case $called in
      "$ROOT"/current/* | "$ROOT"/releases/* | /dev/* | /proc/* | /sys/*) continue ;;
    esac
    if [ "${prefix}$called" = "$1" ] || ! is_text "${prefix}$called"; then continue; fi
    if own_paths | grep -Fqx -e "$called"; then continue; fi
    suspects "${prefix}$called" | while read -r line; do printf '%s\n' "$called:$line"; done
    if [ "$2" -gt 1 ]; then suspect_scripts "${prefix}$called" $(($2 - 1)); fi
  done
)
`;
}

/**
 * Shell functions that find what would work against the release: cron lines, units and containers that it does not
 * bring. `list_foreign` prints `<name><TAB><where>`, by which name `adopt` speaks of it.
 */
export const SCRIPT_FOREIGN = String.raw`${renderSuspects("")}
# foreign_file <name> <shown as> <file>: one entry for the whole file.
foreign_file() (
  if ! is_text "$3"; then exit 0; fi
  suspects "$3" | while read -r line; do printf '%s\t%s\n' "$1" "$2:$line"; done
  suspect_scripts "$3" 2 | while read -r line; do printf '%s\t%s\n' "$1" "$2 calls $line"; done
)

# foreign_lines <prefix> <file>: one entry a line, as the rest of the file belongs to others.
foreign_lines() (
  number=0
  while IFS= read -r line || [ -n "$line" ]; do
    number=$((number + 1))
    # As a tab ends the name in the list.
    line=$(printf '%s' "$line" | tr '\t' ' ')
    printf '%s\n' "$line" >"$RUN/line"
    { suspects "$RUN/line"; suspect_scripts "$RUN/line" 2; } >"$RUN/line.found"
    if [ ! -s "$RUN/line.found" ]; then continue; fi
    printf '%s\t%s\n' "$1: $line" "$1:$number: $line"
    sed -n 's/^\//  calls &/p' "$RUN/line.found" | while IFS= read -r why; do printf '%s\t%s\n' "$1: $line" "$why"; done
  done <"$2"
)

# Of this release and of the one that it follows.
own_units() {
  cut -d ' ' -f 2 <"$DIR/installed.list"
  previous=$(last_good)
  if [ -n "$previous" ]; then cut -d ' ' -f 2 <"$ROOT/releases/$previous/installed.list"; fi
}

own_paths() { own_units | while read -r target; do printf '%s\n' "$etc/$target"; done; }

foreign_units() (
  own_units >"$RUN/own"
  cd "$etc"
  for target in systemd/system/*.service systemd/system/*.timer systemd/system/*.d/*.conf; do
    if [ ! -f "$target" ] || has_line "$target" <"$RUN/own"; then continue; fi
    foreign_file "$(printf '%s' "$target" | sed 's/^systemd.system.//')" "/etc/$target" "$etc/$target"
  done
)

foreign_cron() (
  own=
  if crontab -l >"$RUN/crontab" 2>/dev/null; then
    own=$(id -un)
    foreign_lines crontab "$RUN/crontab"
  fi
  for table in crontab anacrontab; do
    if [ -f "$etc/$table" ]; then foreign_lines "/etc/$table" "$etc/$table"; fi
  done
  for file in "$spool"/crontabs/* "$spool"/*; do
    user=$(basename "$file")
    if [ ! -f "$file" ] || [ "$user" = "$own" ]; then continue; fi
    foreign_lines "crontab $user" "$file"
  done
  own_units >"$RUN/own"
  for folder in cron.d cron.hourly cron.daily cron.weekly cron.monthly; do
    for file in "$etc/$folder"/*; do
      target=$folder/$(basename "$file")
      if has_line "$target" <"$RUN/own"; then continue; fi
      foreign_file "/etc/$target" "/etc/$target" "$file"
    done
  done
)

containers() {
  docker_limited ps -a --format \
    '{{.Names}}|{{.Label "com.docker.compose.project"}}|{{.Label "com.docker.compose.service"}}|{{.Label "com.docker.compose.oneoff"}}'
}

# Containers of the project that no release described: --remove-orphans would take them away without a word.
foreign_containers() (
  previous=$(last_good)
  { services; if [ -f "$ROOT/releases/$previous/services.list" ]; then cat "$ROOT/releases/$previous/services.list"; fi; } >"$RUN/services"
  containers >"$RUN/containers"
  while IFS='|' read -r name project service oneoff; do
    if [ "$project" != "$PROJECT" ] || [ "$oneoff" = True ] || has_line "$service" <"$RUN/services"; then continue; fi
    printf '%s\t%s\n' "container: $name" "service $service of the Compose project $PROJECT, which the release does not describe"
  done <"$RUN/containers"
)

# A name that another project holds cannot be taken over: two projects would fight for it.
refuse_other_project() {
  services >"$RUN/services"
  containers >"$RUN/containers"
  while IFS='|' read -r name project _; do
    if [ "$project" = "$PROJECT" ] || ! has_line "$name" <"$RUN/services"; then continue; fi
    if [ -z "$project" ]; then
      fail "the container $name is there and of no Compose project. Remove it first, as nothing could bring it back: docker rm -f $name"
    fi
    fail "the container $name belongs to the Compose project $project, not $PROJECT. Set project: \"$project\"."
  done <"$RUN/containers"
}

list_foreign() { foreign_cron; foreign_units; foreign_containers; }

refuse_foreign() {
  list_foreign >"$RUN/foreign"
  : >"$RUN/refused"
  { removals; keeps; } >"$RUN/named"
  while IFS="$TAB" read -r name where; do
    # Naming either of a service and its timer names both.
    other=$(printf '%s' "$name" | sed 's/\.service$/.timer/')
    if has_line "$name" <"$RUN/named" || has_line "$other" <"$RUN/named"; then continue; fi
    printf '  %s\n    %s\n' "$name" "$where" >>"$RUN/refused"
  done <"$RUN/foreign"
  if [ -s "$RUN/refused" ]; then
    say "these work on the same registry, and nothing was changed:" >&2
    cat "$RUN/refused" >&2
    fail "name in adopt.remove what is to be retired after the release works, in adopt.keep what is to stay. Lines of another user's crontab can only be kept, or taken out by hand: crontab -u <user> -e"
  fi
}
`;
