#!/bin/sh
# Looks up the first 24 bases of every read in a reference, on both strands.  usage: match-reads.sh FASTQ FASTA
set -eu
awk -v K=24 '
  function complement(text,   i, out) {
    out = ""
    for (i = length(text); i > 0; i--) out = out pair[substr(text, i, 1)]
    return out
  }
  BEGIN { pair["A"] = "T"; pair["C"] = "G"; pair["G"] = "C"; pair["T"] = "A"; pair["N"] = "N" }
  FNR == 1 { file++ }
  file == 1 { if ($0 !~ /^>/) reference = reference toupper($0); next }
  file == 2 && FNR == 1 { for (i = 1; i <= length(reference) - K + 1; i++) { word = substr(reference, i, K); if (!(word in at)) at[word] = i } }
  FNR % 4 == 2 {
    reads++
    word = substr(toupper($0), 1, K)
    if (word in at) { forward++; hit[at[word]] = 1; next }
    word = complement(word)
    if (word in at) { reverse++; hit[at[word]] = 1 }
  }
  END { for (place in hit) places++
        printf "reads\t%d\nforward\t%d\nreverse\t%d\nplaces\t%d\n", reads, forward, reverse, places }' "$2" "$1"
