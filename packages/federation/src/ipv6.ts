/**
 * The one canonical spelling (RFC 5952) of a bracketed IPv6 address in lower case. Undefined for what is none, and for what is another spelling of an
 * IPv4 address (RFC 4291 section 2.5.5.2, RFC 6052 section 2.1): it would pass by a rule for that one.
 */
export function canonicalIpv6(bracketed: string): string | undefined {
  if (!/^\[[0-9a-f:]+\]$/.test(bracketed)) return undefined
  const halves = bracketed.slice(1, -1).split('::')
  if (halves.length > 2) return undefined
  const groups = halves.map(half => (half === '' ? [] : half.split(':')))
  const head = groups[0] ?? []
  const tail = groups[1] ?? []
  const missing = 8 - head.length - tail.length
  if (halves.length === 2 ? missing < 1 : missing !== 0) return undefined
  const all = [...head, ...Array.from({ length: missing }, () => '0'), ...tail]
  if (!all.every(group => /^[0-9a-f]{1,4}$/.test(group))) return undefined
  const written = all.map(group => Number.parseInt(group, 16).toString(16))
  return IPV4_PREFIXES.includes(written.slice(0, 6).join(':')) ? undefined : `[${compress(written)}]`
}

/** IPv4-mapped, and translated by a NAT64. */
const IPV4_PREFIXES = ['0:0:0:0:0:ffff', '64:ff9b:0:0:0:0']

/** Writes the first longest run of two or more zero groups as `::`. */
function compress(groups: readonly string[]): string {
  let best = { at: -1, length: 1 }
  for (let at = 0; at < groups.length; at++) {
    let length = 0
    while (groups[at + length] === '0') length++
    if (length > best.length) best = { at, length }
  }
  if (best.at < 0) return groups.join(':')
  return `${groups.slice(0, best.at).join(':')}::${groups.slice(best.at + best.length).join(':')}`
}
