#!/bin/sh
# Reads, bases and mean Phred quality (in thousandths) of a FASTQ file.  usage: read-quality.sh FASTQ [PAUSE-SECONDS]
set -eu
[ "${2:-0}" = 0 ] || sleep "$2"
awk '
  BEGIN { for (i = 33; i < 127; i++) quality[sprintf("%c", i)] = i - 33 }
  NR % 4 == 2 { reads++; bases += length($0) }
  NR % 4 == 0 { for (i = 1; i <= length($0); i++) sum += quality[substr($0, i, 1)] }
  END { printf "reads\t%d\nbases\t%d\nmean_quality_milli\t%d\n", reads, bases, bases ? int(sum * 1000 / bases) : 0 }' "$1"
