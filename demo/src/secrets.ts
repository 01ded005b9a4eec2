/**
 * Who proves themselves by what in the demo. Secrets stay in the environment: files and flags only name them.
 */
import { randomBytes } from 'node:crypto'
import type { ServerKey } from '../../test/interop/s3-server.ts'
import { BROKER_KEY, CLIENT_SECRET, tokenName } from './setup.ts'
import { BROKER, SITES, type SiteName } from './world.ts'

/** A reader's own token: it is the same at every data server, which knows the reader by it. */
export function readerToken(reader: SiteName): string {
  return `DEMO_READER_${reader.toUpperCase()}`
}

/** A site's own key at the stores, as the site reads it. */
export function storeKey(site: SiteName): string {
  return `DEMO_STORE_${site.toUpperCase()}`
}

/** By their names in the environment. */
export function makeSecrets(): Readonly<Record<string, string>> {
  const names = [
    ...[CLIENT_SECRET, BROKER_KEY.access, BROKER_KEY.secret],
    ...SITES.flatMap(site => [readerToken(site), tokenName(site, 'TES'), tokenName(site, 'READER')]),
  ]
  return Object.fromEntries([
    ...names.map(name => [name, makeSecret()]),
    ...SITES.map(site => [storeKey(site), `${makeSecret()}:${makeSecret()}`]),
  ])
}

/** Everybody's keys at the stores. */
export function readKeys(env: Readonly<Record<string, string>>): Readonly<Record<SiteName | typeof BROKER, ServerKey>> {
  const keyOf = (site: SiteName): ServerKey => {
    const [accessKey = '', secretKey = ''] = (env[storeKey(site)] ?? '').split(':')
    return { accessKey, secretKey }
  }
  const [accessKey = '', secretKey = ''] = [env[BROKER_KEY.access], env[BROKER_KEY.secret]]
  return {
    ...{ bielefeld: keyOf('bielefeld'), charite: keyOf('charite'), surf: keyOf('surf') },
    [BROKER]: { accessKey, secretKey },
  }
}

function makeSecret(): string {
  return randomBytes(24).toString('base64url')
}
