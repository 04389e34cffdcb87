import { renderSuspects } from "../../registry-host/release/script-foreign";
import { shellList, shellQuote } from "../../registry-host/release/shell-quote";
import type { ExpectedHost } from "./read-release";

/** The first line of the answer: whatever a login shell prints before it is no answer. */
export const ANSWER_BEGIN = "tallyman-host 1";
export const ANSWER_END = "end";

/**
 * POSIX sh that looks and changes nothing. Its answer is lines of fields, separated by tabs: `current`, `file`,
 * `installed`, `schedule`, `service`, `services-failed`, `lock`, `read-only`, `secret`, `unreadable`.
 *
 * @param prefix before every path: "" on the host itself
 */
export function renderHostScript(host: ExpectedHost, prefix: string): string {
  return [
    "LC_ALL=C",
    "export LC_ALL",
    `PREFIX=${shellQuote(prefix)}`,
    `ROOT=${shellQuote(host.root)}`,
    `DATA_ROOT=${shellQuote(host.dataRoot)}`,
    `PROJECT=${shellQuote(host.project)}`,
    shellList("installed", [...host.installed.keys()]),
    shellList("services", host.services),
    "own_paths() { installed; }",
    shellList("secrets", host.secrets),
    renderSuspects("$PREFIX"),
    LOOK,
  ].join("\n");
}

const LOOK = String.raw`
say() { printf '%s' "$1"; shift; for word in "$@"; do printf '\t%s' "$word"; done; printf '\n'; }

# Whether rights hide what a file or folder holds, or whether it is there at all.
is_hidden() (
  at=$1
  if [ -L "$at" ] && [ ! -e "$at" ]; then
    target=$(readlink "$at")
    case $target in
      /*) at=$PREFIX$target ;;
      *) at=$(dirname "$at")/$target ;;
    esac
  fi
  if [ -e "$at" ] && [ ! -r "$at" ]; then exit 0; fi
  while [ ! -e "$at" ]; do at=$(dirname "$at"); done
  [ -d "$at" ] && [ ! -x "$at" ]
)

say_hidden() { if is_hidden "$PREFIX$1"; then say unreadable "$1"; fi; }

# Of a file: its sha256, or why there is none.
sum_of() {
  if is_hidden "$1"; then echo unreadable; return; fi
  if [ ! -e "$1" ]; then echo missing; return; fi
  sha256sum <"$1" | cut -c 1-64
}

look_at_release() {
  if is_hidden "$PREFIX$ROOT/current"; then say current unreadable; return; fi
  if [ ! -L "$PREFIX$ROOT/current" ]; then say current missing; return; fi
  say current "$(basename "$(readlink "$PREFIX$ROOT/current")")"
  find "$PREFIX$ROOT/current/" -type f 2>/dev/null | head -n 5000 | while IFS= read -r file; do
    mode=-
    if [ -x "$file" ]; then mode=x; fi
    say file "$(sum_of "$file")" "$mode" "${"$"}{file#"$PREFIX$ROOT/current/"}"
  done
}

look_at_installed() {
  installed | while IFS= read -r path; do say installed "$(sum_of "$PREFIX$path")" "$path"; done
}

say_schedule() { # shown as; lines on standard input
  head -n 20 | tr '\t' ' ' | cut -c 1-500 | while IFS= read -r line; do say schedule "$1" "$line"; done
}

# What collects garbage or touches what is the release's, here or in the scripts that it calls, as an activation finds
# it. One that cannot be read may do so too.
look_at_schedule() { # shown as, file
  suspects "$2" | say_schedule "$1"
  suspect_scripts "$2" 2 | sed 's/^/calls /' | say_schedule "$1"
  called_by "$2" | head -n 200 | while IFS= read -r called; do
    if [ ! -d "$PREFIX$called" ]; then say_hidden "$called"; fi
  done
}

is_own_crontab() {
  case $1 in
    "/var/spool/cron/crontabs/$(id -un)" | "/var/spool/cron/$(id -un)") [ -z "$PREFIX" ] ;;
    *) false ;;
  esac
}

look_at_schedules() {
  own=
  if lines=$(crontab -l 2>/dev/null); then own=shown; fi
  for path in /etc/cron.d /etc/cron.hourly /etc/cron.daily /etc/cron.weekly /etc/cron.monthly /etc/systemd/system \
    /var/spool/cron /var/spool/cron/crontabs; do
    say_hidden "$path"
  done
  printf '%s\n' "$lines" | suspects - | say_schedule crontab
  printf '%s\n' "$lines" | suspect_scripts - 2 | sed 's/^/calls /' | say_schedule crontab
  for file in "$PREFIX"/etc/crontab "$PREFIX"/etc/anacrontab "$PREFIX"/etc/cron.d/* "$PREFIX"/etc/cron.hourly/* \
    "$PREFIX"/etc/cron.daily/* "$PREFIX"/etc/cron.weekly/* "$PREFIX"/etc/cron.monthly/* "$PREFIX"/etc/systemd/system/*.service \
    "$PREFIX"/etc/systemd/system/*.timer "$PREFIX"/etc/systemd/system/*.d/*.conf "$PREFIX"/var/spool/cron/* \
    "$PREFIX"/var/spool/cron/crontabs/*; do
    path=${"$"}{file#"$PREFIX"}
    # A pattern that nothing matches, or whose folder is hidden, which was said.
    case $path in *'*'*) continue ;; esac
    if [ -d "$file" ] || { [ -n "$own" ] && is_own_crontab "$path"; }; then continue; fi
    if installed | grep -Fqx -e "$path"; then continue; fi
    if is_hidden "$file"; then say unreadable "$path"; continue; fi
    if [ -f "$file" ]; then look_at_schedule "$path" "$file"; fi
  done
}

look_at_services() {
  if ! answer=$(docker compose -p "$PROJECT" ps --all --format json 2>/dev/null </dev/null); then
    say services-failed
    return
  fi
  printf '%s\n' "$answer" | head -n 500 | while IFS= read -r line; do
    if [ -n "$line" ]; then say service "$(printf '%s' "$line" | tr '\t' ' ')"; fi
  done
}

# What maintenance notes before it makes a registry read-only, and takes away once it is read-write again.
notes() {
  for note in "$PREFIX$ROOT"/maintenance/*.read-only; do
    if [ -e "$note" ]; then basename "$note" .read-only; fi
  done
}

# Asked for only where a note is there, as even a shared lock makes a maintenance that starts just now give up.
lock_state() {
  lock=$PREFIX$ROOT/activation/lock
  if is_hidden "$lock"; then echo unreadable; return; fi
  if [ ! -f "$lock" ]; then echo free; return; fi
  (flock -n -s 8) 8<"$lock"
  case $? in
    0) echo free ;;
    1) echo held ;;
    *) echo unreadable ;;
  esac
}

look_at_read_only() {
  say_hidden "$ROOT/maintenance"
  if [ -z "$(notes)" ]; then return; fi
  say lock "$(lock_state)"
  # Anew: one that ended meanwhile took its notes away before it let the lock go.
  notes | while IFS= read -r name; do say read-only "$name"; done
}

is_certificate() { grep -q 'BEGIN CERTIFICATE' "$1" 2>/dev/null && ! grep -q 'PRIVATE KEY' "$1" 2>/dev/null; }

look_at_secrets() {
  secrets | while IFS= read -r path; do
    if [ ! -e "$PREFIX$path" ]; then
      if is_hidden "$PREFIX$path"; then say unreadable "$path"; else say secret missing "$path"; fi
      continue
    fi
    find -L "$PREFIX$path" -type f -perm -0004 2>/dev/null | head -n 20 | while IFS= read -r file; do
      # A certificate is shown to everybody who connects.
      if ! is_certificate "$file"; then say secret exposed "${"$"}{file#"$PREFIX"}"; fi
    done
  done
}

echo 'tallyman-host 1'
look_at_release
look_at_installed
look_at_schedules
look_at_services
look_at_read_only
look_at_secrets
echo end
`;
