#!/bin/sh
# One curl process a request, as a probe written in shell works. Reads lines of "manifest <url>", "head <url> <last>" or
# "range <url> <last>" (the offset of the last byte); $1 is the Accept header for manifests. Fails on the first answer
# that is not the one a sound registry gives.
set -eu

status() {
  curl -s -o /dev/null -w '%{http_code}' --max-time 10 "$@"
}

while read -r kind url last; do
  case $kind in
    manifest) code=$(status -H "Accept: $1" "$url") expected=200 ;;
    head) code=$(status --head "$url") expected=200 ;;
    *) code=$(status --range "$last-$last" "$url") expected=206 ;;
  esac
  if [ "$code" != "$expected" ]; then
    echo "$code $url"
    exit 1
  fi
done
