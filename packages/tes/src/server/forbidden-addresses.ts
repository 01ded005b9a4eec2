/**
 * Addresses that no URL of a user may lead a server to: this machine, private networks, cloud metadata, and what is not routed in public.
 */
import { BlockList, isIP } from 'node:net'

const V4 = [
  '0.0.0.0/8',
  '10.0.0.0/8',
  '100.64.0.0/10',
  '127.0.0.0/8',
  // Link-local, and with 169.254.169.254 the metadata of most clouds.
  '169.254.0.0/16',
  '172.16.0.0/12',
  '192.0.0.0/24',
  '192.0.2.0/24',
  '192.88.99.0/24',
  '192.168.0.0/16',
  '198.18.0.0/15',
  '198.51.100.0/24',
  '203.0.113.0/24',
  '224.0.0.0/4',
  '240.0.0.0/4',
  // The host agent of Azure, on a public address.
  '168.63.129.16/32',
]
const V6 = [
  '::/96',
  // Translations that carry an IPv4 address inside: what lies behind them cannot be judged by the address.
  '::ffff:0:0:0/96',
  '64:ff9b::/96',
  '64:ff9b:1::/48',
  '100::/64',
  '2001::/23',
  '2001:db8::/32',
  '2002::/16',
  'fc00::/7',
  'fe80::/10',
  'fec0::/10',
  'ff00::/8',
]

const forbidden = new BlockList()
for (const [family, ranges] of [
  ['ipv4', V4],
  ['ipv6', V6],
] as const) {
  for (const range of ranges) {
    const [network = '', prefix = ''] = range.split('/')
    forbidden.addSubnet(network, Number(prefix), family)
  }
}

/** True for such an address, also for an IPv4 address written as an IPv6 one, and for what is no address at all. */
export function isForbiddenAddress(address: string | undefined): boolean {
  const bare = address?.replace(/%.*$/, '') ?? ''
  const family = isIP(bare)
  return family === 0 || forbidden.check(bare, family === 6 ? 'ipv6' : 'ipv4')
}
