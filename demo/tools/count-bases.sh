#!/bin/sh
# Counts the bases of a FASTA file.  usage: count-bases.sh FASTA [PAUSE-SECONDS]
# The pause gives the demo time to pull the plug while the task runs.
set -eu
[ "${2:-0}" = 0 ] || sleep "$2"
awk '
  /^>/ { next }
  { line = toupper($0); bases += length(line)
    a += gsub(/A/, "", line); c += gsub(/C/, "", line); g += gsub(/G/, "", line); t += gsub(/T/, "", line) }
  END { printf "bases\t%d\nA\t%d\nC\t%d\nG\t%d\nT\t%d\nother\t%d\n", bases, a, c, g, t, bases - a - c - g - t
        printf "gc_permille\t%d\n", bases ? int((g + c) * 1000 / bases) : 0 }' "$1"
