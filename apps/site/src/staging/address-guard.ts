/**
 * Which addresses the site may speak to for a task: a task must not reach services of this machine or its network that nobody declared.
 *
 * The name is resolved here and the connection goes to the very address that was judged, so a name cannot change its meaning in between.
 */
import { lookup } from 'node:dns/promises'
import { isForbiddenAddress } from '@portolan/tes/server'
import { StagingFailed } from './staging-failed.ts'

/** The address to connect to. An origin that the operator declared may lie anywhere; others only in the public internet. */
export async function resolveAddress(url: URL, isDeclared: boolean): Promise<{ address: string; family: number }> {
  const host = url.hostname.replace(/^\[|\]$/g, '')
  const found = await lookup(host, { all: true }).catch(cause => {
    throw new StagingFailed(`the host name ${host} has no address: check how it is written`, { cause, passing: true })
  })
  const allowed = isDeclared ? found[0] : found.find(({ address }) => !isForbiddenAddress(address))
  if (!allowed) {
    throw new StagingFailed(
      `${url.origin} is an address of an inner network: the operator of the site can declare it with --fetch ${url.origin}`,
    )
  }
  return allowed
}
