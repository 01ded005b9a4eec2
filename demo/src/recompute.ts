/**
 * Computes what each tool of the demo must have printed, by code that shares nothing with the tools: they are awk, this is not.
 */
const WORD = 24
const COMPLEMENT: Readonly<Record<string, string>> = { A: 'T', C: 'G', G: 'C', T: 'A', N: 'N' }

export function countBases(fasta: string): string {
  const bases = sequenceOf(fasta)
  const count = (base: string): number => bases.split(base).length - 1
  const [a, c, g, t] = [count('A'), count('C'), count('G'), count('T')]
  const total = bases.length
  return table([
    ['bases', total],
    ['A', a],
    ['C', c],
    ['G', g],
    ['T', t],
    ['other', total - a - c - g - t],
    ['gc_permille', total === 0 ? 0 : Math.trunc(((g + c) * 1000) / total)],
  ])
}

export function readQuality(fastq: string): string {
  const reads = readsOf(fastq)
  const bases = reads.reduce((sum, read) => sum + read.bases.length, 0)
  const quality = reads.reduce((sum, read) => sum + Array.from(read.quality).reduce((part, mark) => part + mark.charCodeAt(0) - 33, 0), 0)
  return table([
    ['reads', reads.length],
    ['bases', bases],
    ['mean_quality_milli', bases === 0 ? 0 : Math.trunc((quality * 1000) / bases)],
  ])
}

export function matchReads(fastq: string, fasta: string): string {
  const reference = sequenceOf(fasta)
  const reads = readsOf(fastq)
  const places = new Set<number>()
  let forward = 0
  let reverse = 0
  for (const { bases } of reads) {
    const word = bases.toUpperCase().slice(0, WORD)
    const at = reference.indexOf(word)
    const back = at >= 0 ? -1 : reference.indexOf(reverseComplement(word))
    if (at >= 0) forward += 1
    else if (back >= 0) reverse += 1
    if (at >= 0 || back >= 0) places.add(Math.max(at, back))
  }
  return table([
    ['reads', reads.length],
    ['forward', forward],
    ['reverse', reverse],
    ['places', places.size],
  ])
}

function sequenceOf(fasta: string): string {
  return fasta
    .split('\n')
    .filter(line => !line.startsWith('>'))
    .join('')
    .toUpperCase()
}

function readsOf(fastq: string): { readonly bases: string; readonly quality: string }[] {
  const lines = fastq.split('\n')
  return Array.from({ length: Math.floor(lines.length / 4) }, (_, i) => ({
    bases: lines[4 * i + 1] ?? '',
    quality: lines[4 * i + 3] ?? '',
  }))
}

function reverseComplement(word: string): string {
  return Array.from(word, base => COMPLEMENT[base] ?? '')
    .reverse()
    .join('')
}

function table(rows: readonly (readonly [string, number])[]): string {
  return rows.map(([name, value]) => `${name}\t${value}\n`).join('')
}
