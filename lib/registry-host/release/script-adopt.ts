/** Shell functions that save what ran before the first activation, and retire what would work against a release. */
export const SCRIPT_ADOPT = String.raw`
running_compose_file() {
  for name in docker-compose.yml docker-compose.yaml compose.yaml compose.yml; do
    if [ -f "$ROOT/$name" ]; then printf '%s' "$ROOT/$name"; return; fi
  done
}

# Where nothing was activated yet and a host runs, its files become release 0. Until the link is there they may have
# changed since the last try, so that they are saved anew each time.
save_running() {
  if [ -L "$ROOT/current" ]; then return; fi
  if [ -e "$ROOT/current" ]; then fail "$ROOT/current is no symbolic link. Move it away: the releases need that name."; fi
  running=$(running_compose_file)
  if [ -z "$running" ]; then
    containers >"$RUN/containers"
    if cut -d '|' -f 2 <"$RUN/containers" | has_line "$PROJECT"; then
      fail "containers of the Compose project $PROJECT are there, but no compose file in $ROOT. Set root to the folder that it runs from: docker compose ls"
    fi
    rm -f "$ROOT/releases/last-good"
    return
  fi
  say "saving the running files as release 0"
  saved=$ROOT/releases/0.partial
  rm -rf "$saved"
  (umask 077; mkdir -p "$saved/units")
  copy_running_files "$saved"
  if [ ! -f "$saved/docker-compose.yml" ]; then cp -p "$running" "$saved/docker-compose.yml"; fi
  : >"$saved/installed.list"
  cut -d ' ' -f 2 <"$DIR/installed.list" | while read -r target; do
    if [ ! -f "$etc/$target" ]; then continue; fi
    mkdir -p "$(dirname "$saved/units/$target")"
    cp -p "$etc/$target" "$saved/units/$target"
    printf 'units/%s %s\n' "$target" "$target" >>"$saved/installed.list"
  done
  touch "$saved/verified"
  rm -rf "$ROOT/releases/0"
  mv "$saved" "$ROOT/releases/0"
  printf '0\n' | write_file "$ROOT/releases/last-good"
}

# Configurations are small: what is bigger is a store, a log or a cache.
copy_running_files() (
  cd "$ROOT"
  find . -xdev \( -path ./releases -o -path ./incoming -o -path ./activation -o -path ./retired -o -path ./maintenance -o -path ./secrets \
    -o -path ./data -o -path "./$(basename "$DATA_ROOT")" \) -prune -o -type f -size -2048 -print |
    while IFS= read -r file; do
      mkdir -p "$1/$(dirname "$file")"
      cp -p "$file" "$1/$file"
    done
)

# What is retired is kept, by its path, in a folder that is never pruned; the first copy is the one from before.
keep_copy() {
  if [ -e "$ROOT/retired$1" ]; then return; fi
  mkdir -p "$ROOT/retired$(dirname "$1")"
  cp -p "$2" "$ROOT/retired$1"
}

retire_unit() {
  file=$etc/systemd/system/$1
  if [ ! -f "$file" ]; then return; fi
  keep_copy "/etc/systemd/system/$1" "$file"
  # A drop-in has no life of its own.
  case $1 in */*) : ;; *) systemctl disable --now "$1" || : ;; esac
  rm -f "$file"
  systemctl daemon-reload
}

# without_line <line> <file>: prints the file without it; tabs count as spaces, as in the list.
without_line() {
  TALLYMAN_LINE=$1 awk '{ line = $0; gsub(/\t/, " ", line); if (line != ENVIRON["TALLYMAN_LINE"]) print }' "$2"
}

retire() {
  attempt=$(basename "$RUN")
  case $1 in
    "crontab: "*)
      line=$(printf '%s' "$1" | cut -c 10-)
      crontab -l >"$RUN/crontab" 2>/dev/null || return 0
      without_line "$line" "$RUN/crontab" >"$RUN/crontab.new"
      if cmp -s "$RUN/crontab" "$RUN/crontab.new"; then return; fi
      keep_copy "/crontab.$attempt" "$RUN/crontab"
      crontab "$RUN/crontab.new"
      ;;
    "/etc/crontab: "* | "/etc/anacrontab: "*)
      table=$(printf '%s' "$1" | sed 's/:.*//')
      line=$(printf '%s' "$1" | sed 's/^[^:]*: //')
      file=$etc/$(basename "$table")
      if [ ! -f "$file" ]; then return; fi
      without_line "$line" "$file" >"$RUN/crontab.new"
      if cmp -s "$file" "$RUN/crontab.new"; then return; fi
      keep_copy "$table.$attempt" "$file"
      cat "$RUN/crontab.new" >"$file"
      ;;
    /etc/cron*)
      file=$etc/$(printf '%s' "$1" | cut -c 6-)
      if [ ! -f "$file" ]; then return; fi
      keep_copy "$1" "$file"
      rm -f "$file"
      ;;
    "container: "*) return ;;
    *.service | *.timer)
      stem=$(printf '%s' "$1" | sed 's/\.[a-z]*$//')
      retire_unit "$stem.timer"
      retire_unit "$stem.service"
      ;;
    *) retire_unit "$1" ;;
  esac
}

retire_all() {
  removals >"$RUN/removals"
  while IFS= read -r name; do retire "$name"; done <"$RUN/removals"
}
`;
