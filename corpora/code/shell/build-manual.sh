#!/bin/sh
# Build the manual: HTML for the site, man pages for the package.
#
#   ./build-manual.sh            everything that is out of date
#   ./build-manual.sh clean      throw the output away
#   ./build-manual.sh check      fail if a chapter links to a missing file
#
# Plain POSIX sh on purpose; this also runs in the tiny image used for releases.

set -eu

here=$(CDPATH= cd -- "$(dirname -- "$0")" && pwd)
src=$here/manual
out=${OUT_DIR:-$here/build/manual}
: "${PANDOC:=pandoc}"

say() {
    [ -n "${QUIET:-}" ] || printf '  %-7s %s\n' "$1" "$2"
}

# stale TARGET SOURCE... : true when TARGET is missing or older than a source.
stale() {
    target=$1
    shift
    [ -e "$target" ] || return 0
    for dep in "$@"; do
        [ -z "$(find "$dep" -prune -newer "$target")" ] || return 0
    done
    return 1
}

render_html() {
    mkdir -p "$out/html"
    for chapter in "$src"/*.md; do
        page=$out/html/$(basename "$chapter" .md).html
        stale "$page" "$chapter" "$src/template.html" || continue
        say HTML "${page#"$here"/}"
        # Write beside the target and move, so a failed run leaves no stub.
        "$PANDOC" --standalone --template "$src/template.html" \
            --output "$page.part" --to html5 "$chapter"
        mv "$page.part" "$page"
    done
}

render_man() {
    mkdir -p "$out/man1"
    for chapter in "$src"/cmd-*.md; do
        [ -e "$chapter" ] || continue
        name=$(basename "$chapter" .md)
        page=$out/man1/${name#cmd-}.1
        stale "$page" "$chapter" || continue
        say MAN "${page#"$here"/}"
        "$PANDOC" --standalone --to man --output "$page.part" "$chapter"
        mv "$page.part" "$page"
    done
}

check_links() {
    bad=$(
        grep -noE '\]\([^)#:]+\.md' "$src"/*.md /dev/null |
        while IFS=: read -r file line link; do
            [ -e "$src/${link#??}" ] || printf '%s:%s: %s\n' "$file" "$line" "${link#??}"
        done
    )
    [ -z "$bad" ] && return 0
    printf 'dead links:\n%s\n' "$bad" >&2
    return 1
}

case ${1:-all} in
    all)   check_links; render_html; render_man ;;
    check) check_links ;;
    clean) say RM "$out"; rm -rf -- "$out" ;;
    *)     sed -n '2,6s/^# \{0,1\}//p' "$0" >&2; exit 2 ;;
esac
