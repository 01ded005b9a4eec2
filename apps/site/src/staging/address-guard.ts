/**
 * Which addresses the site may speak to for a task: a task must not reach services of this machine or its network that nobody declared.
 *
 * The name is resolved here and the connection goes to the very address that was judged, so a name cannot change its meaning in between.
 */
import { lookup } from 'node:dns/promises'
import { BlockList, isIP } from 'node:net'
import { StagingFailed } from './staging-failed.ts'

const inner = new BlockList()
for (const [network, prefix] of [
  ['0.0.0.0', 8],
  ['10.0.0.0', 8],
  ['100.64.0.0', 10],
  ['127.0.0.0', 8],
  ['169.254.0.0', 16],
  ['172.16.0.0', 12],
  ['192.0.0.0', 24],
  ['192.168.0.0', 16],
  ['198.18.0.0', 15],
  ['224.0.0.0', 3],
] as const)
  inner.addSubnet(network, prefix, 'ipv4')
for (const [network, prefix] of [
  ['::', 127],
  ['64:ff9b::', 96],
  ['fc00::', 7],
  ['fe80::', 10],
  ['ff00::', 8],
] as const)
  inner.addSubnet(network, prefix, 'ipv6')

/** True for loopback, private, link-local and other addresses that are not of the public internet. */
export function isInnerAddress(address: string): boolean {
  return inner.check(address, isIP(address) === 6 ? 'ipv6' : 'ipv4')
}

/** The address to connect to. An origin that the operator declared may lie anywhere; others only in the public internet. */
export async function resolveAddress(url: URL, isDeclared: boolean): Promise<{ address: string; family: number }> {
  const host = url.hostname.replace(/^\[|\]$/g, '')
  const found = await lookup(host, { all: true }).catch(cause => {
    throw new StagingFailed(`the host name ${host} has no address`, { cause, passing: true })
  })
  const allowed = isDeclared ? found[0] : found.find(({ address }) => !isInnerAddress(address))
  if (!allowed) {
    throw new StagingFailed(
      `${url.origin} is an address of an inner network: the operator of the site can declare it with --fetch ${url.origin}`,
    )
  }
  return allowed
}
