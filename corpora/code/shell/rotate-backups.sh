#!/usr/bin/env bash
#
# rotate-backups.sh - thin out a folder of dated archives
#
# Expects names that end in -YYYY-MM-DD.tar.gz. Keeps every archive from the
# last DAYS days, then the newest of each calendar month for MONTHS months,
# and removes the rest. Says what it would do unless --apply is given.

set -euo pipefail

days=14
months=12
apply=no

usage() {
    printf 'usage: %s [--days N] [--months N] [--apply] FOLDER\n' "${0##*/}" >&2
    exit 64
}

need_number() {
    [[ ${2:-} =~ ^[0-9]+$ ]] || { printf '%s wants a number\n' "$1" >&2; usage; }
}

while (($#)); do
    case $1 in
        --days)   need_number "$1" "${2:-}"; days=$2; shift 2 ;;
        --months) need_number "$1" "${2:-}"; months=$2; shift 2 ;;
        --apply)  apply=yes; shift ;;
        -*)       usage ;;
        *)        break ;;
    esac
done
(($# == 1)) || usage
folder=$1
[[ -d $folder ]] || { printf 'not a folder: %s\n' "$folder" >&2; exit 66; }

# ISO dates sort as text, so plain string comparison does for both cut-offs.
day_cutoff=$(date -d "$days days ago" +%F)
# Anchor on the 1st: "3 months ago" from the 31st can land in the wrong month.
month_cutoff=$(date -d "$(date +%Y-%m-01) -$months months" +%Y-%m)

shopt -s nullglob
stamped=()
for archive in "$folder"/*.tar.gz; do
    if [[ $archive =~ -([0-9]{4}-[0-9]{2}-[0-9]{2})\.tar\.gz$ ]]; then
        stamped+=("${BASH_REMATCH[1]} $archive")
    else
        printf 'leaving %s (no date in its name)\n' "$archive" >&2
    fi
done
((${#stamped[@]})) || { echo 'nothing to do'; exit 0; }

declare -A month_taken=()
removed=0
while read -r stamp archive; do
    month=${stamp%-*}
    if [[ $stamp > $day_cutoff || $stamp == "$day_cutoff" ]]; then
        month_taken[$month]=1
        continue
    fi
    if [[ ! $month < $month_cutoff && -z ${month_taken[$month]:-} ]]; then
        month_taken[$month]=1
        continue
    fi
    removed=$((removed + 1))
    if [[ $apply == yes ]]; then
        rm -v -- "$archive"
    else
        printf 'would remove %s\n' "$archive"
    fi
done < <(printf '%s\n' "${stamped[@]}" | sort -r)

printf '%d of %d archives past their time\n' "$removed" "${#stamped[@]}"
