/**
 * Which address a request counts for. `X-Forwarded-For` counts only as far as those proxies may be believed that `server.trustProxy` names: a
 * client can write into it whatever it likes. Pure.
 */
import type { IncomingMessage } from 'node:http'
import { BlockList, isIP, isIPv4, type Socket } from 'node:net'

/** True for the addresses of proxies that are believed. */
export type TrustsProxy = (address: string) => boolean

/**
 * From `server.trustProxy`: nobody, these addresses or networks (`10.0.0.0/8`), or everybody. With everybody one proxy is believed and no more: the
 * one that has connected; what stands before its own entry may be made up.
 */
export interface ProxyTrust {
  readonly connected: TrustsProxy
  readonly behind: TrustsProxy
}

export function readProxyTrust(trustProxy: boolean | readonly string[]): ProxyTrust {
  if (typeof trustProxy === 'boolean') return { connected: () => trustProxy, behind: () => false }
  const list = new BlockList()
  for (const entry of trustProxy) addTo(list, entry)
  const trusts: TrustsProxy = address => isIP(address) !== 0 && list.check(address, isIPv4(address) ? 'ipv4' : 'ipv6')
  return { connected: trusts, behind: trusts }
}

/** Whether an address is one of these addresses and networks. */
export function readAddresses(entries: readonly string[]): (address: string) => boolean {
  return readProxyTrust(entries).behind
}

const ADDRESS = Symbol('address')

declare module 'node:net' {
  interface Socket {
    [ADDRESS]?: string
  }
}

/**
 * Finds the address of the client of each request. Who has connected is read once for a connection: every poll asks. `disbelieved` hears of the first
 * `X-Forwarded-For` of a peer that is not believed, with its address: if it is a proxy of ours, all its clients count as one.
 */
export function createAddressReader(
  trustProxy: boolean | readonly string[],
  disbelieved: (address: string) => void,
): (request: IncomingMessage) => string {
  const trust = readProxyTrust(trustProxy)
  const connected = (socket: Socket): string => (socket[ADDRESS] ??= clientAddress(socket.remoteAddress, undefined, trust))
  let isTold = false
  return ({ socket, headers: { 'x-forwarded-for': forwarded } }) => {
    const peer = connected(socket)
    if (forwarded === undefined) return peer
    if (trust.connected(peer)) return clientAddress(socket.remoteAddress, [forwarded].flat().join(','), trust)
    if (!isTold) disbelieved(peer)
    isTold = true
    return peer
  }
}

const MOST_CHARACTERS = 2_048
const MOST_HOPS = 20

/**
 * The address of the client: who has connected, or, if that is a proxy that is believed, the last one in its list that is not. An entry that is no
 * address says of nobody who they are: whatever the proxy itself may do, they may not.
 */
export function clientAddress(remoteAddress: string | undefined, forwardedFor: string | undefined, trust: ProxyTrust): string {
  let address = bareAddress(remoteAddress ?? '') ?? UNKNOWN_ADDRESS
  if (forwardedFor === undefined || !trust.connected(address)) return address
  // What our proxies wrote stands last: a client that writes much before it hides nothing.
  const hops = forwardedFor.slice(-MOST_CHARACTERS).split(',').slice(-MOST_HOPS).reverse()
  for (const hop of hops) {
    const named = bareAddress(hop)
    if (named === undefined) return UNKNOWN_ADDRESS
    address = named
    if (!trust.behind(address)) return address
  }
  return address
}

/**
 * What a bucket is kept under: an IPv4 address; of an IPv6 address the first 64 bits, since who has one of them has them all.
 */
export function addressKey(address: string): string {
  const bare = bareAddress(address)
  if (bare === undefined) return UNKNOWN_ADDRESS
  return isIPv4(bare) ? bare : (translatedAddress(bare) ?? `${groupsOf(bare).slice(0, 4).join(':')}::/64`)
}

/**
 * The larger networks of an IPv6 address, any of whose addresses one subscriber may send from: of 56 bits, as a home has it, and of 48, the most that
 * one has. Undefined: it is no IPv6 address.
 */
export function networkKeys(address: string): { readonly home: string; readonly site: string } | undefined {
  const bare = bareAddress(address)
  if (bare === undefined || isIPv4(bare) || translatedAddress(bare) !== undefined) return undefined
  const [first, second, third, fourth = ''] = groupsOf(bare)
  const site = `${first}:${second}:${third}`
  return { home: `${site}:${(Number.parseInt(fourth, 16) & 0xff00).toString(16)}::/56`, site: `${site}::/48` }
}

/** The IPv4 address that a translator has written as IPv6 (NAT64, RFC 6052 section 2.1): all such have their first half in common. */
function translatedAddress(bare: string): string | undefined {
  const groups = groupsOf(bare)
  return groups.slice(0, 6).join(':') === '64:ff9b:0:0:0:0' ? toIPv4(groups.slice(6)) : undefined
}

/** All that have no address share one bucket. */
export const UNKNOWN_ADDRESS = 'unknown'

/** Without blanks, brackets, port and zone; IPv4 in IPv6 as IPv4. Undefined: no address. */
function bareAddress(text: string): string | undefined {
  const [, bracketed] = /^\[([^\]]*)\](?::\d+)?$/.exec(text.trim()) ?? []
  const [, withPort] = /^([\d.]+):\d+$/.exec(text.trim()) ?? []
  const [bare = ''] = (bracketed ?? withPort ?? text.trim()).split('%', 1)
  if (isIP(bare) !== 6) return isIPv4(bare) ? bare : undefined
  const groups = groupsOf(bare)
  if (!/^(0:){5}ffff$/.test(groups.slice(0, 6).join(':'))) return bare.toLowerCase()
  return toIPv4(groups.slice(6))
}

/** Of two groups. */
function toIPv4(groups: readonly string[]): string {
  const [high = 0, low = 0] = groups.map(group => Number.parseInt(group, 16))
  return [high >> 8, high & 255, low >> 8, low & 255].join('.')
}

/** The eight groups of an IPv6 address in hex, without leading zeros. */
function groupsOf(address: string): string[] {
  const hex = address.replace(/(\d+)\.(\d+)\.(\d+)\.(\d+)$/, (_, a, b, c, d) => `${toGroup(a, b)}:${toGroup(c, d)}`)
  const [head = '', tail] = hex.toLowerCase().split('::', 2)
  const before = head === '' ? [] : head.split(':')
  const after = tail === undefined || tail === '' ? [] : tail.split(':')
  const missing = Array.from({ length: 8 - before.length - after.length }, () => '0')
  return [...before, ...missing, ...after].map(group => group.replace(/^0+(?=.)/, ''))
}

function toGroup(high: string, low: string): string {
  return (Number(high) * 256 + Number(low)).toString(16)
}

/** Whether an entry of `server.trustProxy` is an address or a network. */
export function isAddressOrNetwork(entry: string): boolean {
  const [address = '', bits, ...more] = entry.split('/')
  const family = isIP(address)
  if (family === 0 || more.length > 0) return false
  return bits === undefined || (/^\d{1,3}$/.test(bits) && Number(bits) <= (family === 6 ? 128 : 32))
}

function addTo(list: BlockList, entry: string): void {
  if (!isAddressOrNetwork(entry)) throw new RangeError(`server.trustProxy: "${entry}" is neither an address nor a network`)
  const [address = '', bits] = entry.split('/')
  const family = isIPv4(address) ? 'ipv4' : 'ipv6'
  if (bits === undefined) list.addAddress(address, family)
  else list.addSubnet(address, Number(bits), family)
}
