import { shellList, shellQuote } from "../../registry-host/release/shell-quote";
import type { ExpectedHost } from "./read-release";

/** The first line of the answer: whatever a login shell prints before it is no answer. */
export const ANSWER_BEGIN = "tallyman-host 1";
export const ANSWER_END = "end";

/**
 * POSIX sh that looks and changes nothing. Its answer is lines of fields, separated by tabs: `current`, `file`,
 * `installed`, `schedule`, `service`, `services-failed`, `read-only`, `secret`.
 *
 * @param prefix before every path: "" on the host itself
 */
export function renderHostScript(host: ExpectedHost, prefix: string): string {
  return [
    "LC_ALL=C",
    "export LC_ALL",
    `PREFIX=${shellQuote(prefix)}`,
    `ROOT=${shellQuote(host.root)}`,
    `PROJECT=${shellQuote(host.project)}`,
    shellList("installed", [...host.installed.keys()]),
    shellList("secrets", host.secrets),
    LOOK,
  ].join("\n");
}

const LOOK = String.raw`
tab=$(printf '\t')
say() { printf '%s' "$1"; shift; for word in "$@"; do printf '\t%s' "$word"; done; printf '\n'; }

# Of a file: its sha256, or why there is none.
sum_of() {
  if [ ! -e "$1" ]; then echo missing; return; fi
  if [ ! -r "$1" ]; then echo unreadable; return; fi
  sha256sum <"$1" | cut -c 1-64
}

look_at_release() {
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

# Lines that collect garbage, or touch what is the release's. Comments are none.
suspects() { # shown as; the text on standard input
  grep -v '^[[:space:]]*#' | grep -F -e garbage-collect -e "$ROOT/" | head -n 20 | tr '\t' ' ' | cut -c 1-500 |
    while IFS= read -r line; do say schedule "$1" "$line"; done
}

look_at_schedules() {
  crontab -l 2>/dev/null | suspects crontab
  for file in "$PREFIX"/etc/crontab "$PREFIX"/etc/cron.d/* "$PREFIX"/etc/cron.hourly/* "$PREFIX"/etc/cron.daily/* \
    "$PREFIX"/etc/cron.weekly/* "$PREFIX"/etc/cron.monthly/* "$PREFIX"/etc/systemd/system/*.service \
    "$PREFIX"/etc/systemd/system/*.timer "$PREFIX"/var/spool/cron/crontabs/*; do
    if [ ! -f "$file" ] || [ ! -r "$file" ]; then continue; fi
    path=${"$"}{file#"$PREFIX"}
    # Its own user's, which crontab -l has shown.
    if [ "$path" = "/var/spool/cron/crontabs/$(id -un)" ] && [ -z "$PREFIX" ]; then continue; fi
    if installed | grep -Fqx -e "$path"; then continue; fi
    suspects "$path" <"$file"
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
look_at_read_only() {
  for note in "$PREFIX$ROOT"/maintenance/*.read-only; do
    if [ -e "$note" ]; then say read-only "$(basename "$note" .read-only)"; fi
  done
}

is_certificate() { grep -q 'BEGIN CERTIFICATE' "$1" 2>/dev/null && ! grep -q 'PRIVATE KEY' "$1" 2>/dev/null; }

look_at_secrets() {
  secrets | while IFS= read -r path; do
    if [ ! -e "$PREFIX$path" ]; then say secret missing "$path"; continue; fi
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
