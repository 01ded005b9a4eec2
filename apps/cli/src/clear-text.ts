/**
 * Whether what is sent to an address can be read on the way.
 */
const LOOPBACK = /^(127(\.\d{1,3}){3}|localhost|\[::1\])$/

/** True for plain http that leaves this machine. */
export function travelsInClear({ protocol, hostname }: URL): boolean {
  return protocol === 'http:' && !LOOPBACK.test(hostname)
}
