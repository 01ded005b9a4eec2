/**
 * How each site is started: what it is, and how it reads and writes the data of all sites.
 */
import { readerToken, storeKey } from './secrets.ts'
import { bucketOf, dataFolder, type Layout, originOf, type StoreOrigins, tokenName, workFolder } from './setup.ts'
import { BROKER, SITE_FACTS, SITES, type SiteName } from './world.ts'

export function flagsOf(layout: Layout, site: SiteName, runner: string): string[] {
  const { country, name, open } = SITE_FACTS[site]
  return [
    ...['--id', site, '--name', name, '--country', country, '--port', String(layout.ports[site])],
    ...['--work', workFolder(layout, site), '--runner', runner, '--allow-root', '--slots', '4'],
    ...(open ? ['--open'] : ['--token-ref', `env:${tokenName(site, 'TES')}`]),
    ...(layout.stores ? storeFlags(layout.stores, site) : serverFlags(layout, site)),
  ]
}

function storeFlags(stores: StoreOrigins, site: SiteName): string[] {
  return SITES.flatMap(other => ['--s3', `${stores[other]}=env:${storeKey(site)}`, '--bucket', `${bucketOf(other)}=${stores[other]}`])
}

function serverFlags(layout: Layout, site: SiteName): string[] {
  return [
    ...['--data', dataFolder(layout, site), '--public', '/public/'],
    ...SITES.flatMap(reader => ['--reader', `${reader}=env:${readerToken(reader)}`]),
    ...['--reader', `${BROKER}=env:${tokenName(site, 'READER')}`],
    ...SITES.flatMap(other => ['--fetch', `${originOf(layout, other)}=env:${readerToken(site)}`]),
  ]
}
