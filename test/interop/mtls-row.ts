/**
 * The row `mtls-nginx`: a site of our own behind nginx, which admits one client certificate. The broker reaches it by that certificate, and says
 * of every other one that the certificate is the trouble, not the task.
 */
import assert from 'node:assert/strict'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { createTesClient } from '@portolan/tes/client'
import { stringify } from 'yaml'
import * as z from 'zod'
import { type MadeCertificate, makeAuthority } from '../../apps/broker/src/http/make-certificate.fixture.ts'
import { startSiteProcess } from '../../apps/site/test/site-process.ts'
import { TOKEN } from '../../apps/site/test/start-site.ts'
import { endProgram, startProgram } from '../../demo/src/processes.ts'
import { startGate } from './nginx.ts'
import type { Row, Stage } from './row.ts'
import { until } from './runtime-site.ts'

const DAY_MS = 86_400_000
const FETCH_MS = 10_000
const ADMITTED = 'portolan'

const Sites = z.object({ sites: z.array(z.object({ id: z.string(), health: z.string(), trouble: z.optional(z.string()) })) })

/** One entry of the broker for each certificate, and what it says of it; all of them lead to the same door. The site is down for all but the first. */
const DOORS = {
  admitted: undefined,
  unknown: '403 Forbidden',
  foreign: 'it wants another client certificate',
  expired: "the broker's client certificate has expired",
} as const
type Door = keyof typeof DOORS

export const MTLS_ROW: Row = {
  name: 'mtls-nginx',
  shows: 'a task at a site behind nginx that admits one client certificate, and what is said of three that it does not admit',
  needs: [{ program: 'nginx', package: 'nginx-light' }],
  limitSeconds: 120,
  run: runRow,
}

async function runRow({ folder, signal, say }: Stage): Promise<void> {
  await using running = new AsyncDisposableStack()
  const authority = makeAuthority('Federation')
  const certificates: Record<Door, MadeCertificate> = {
    admitted: authority.issue({ name: ADMITTED }),
    unknown: authority.issue({ name: 'somebody' }),
    foreign: makeAuthority('Elsewhere').issue({ name: ADMITTED }),
    expired: authority.issue({ name: ADMITTED, from: Date.now() - 2 * DAY_MS, until: Date.now() - DAY_MS }),
  }
  const site = await startSiteProcess(join(folder, 'site'), { id: 'berlin' })
  running.defer(async () => void (await site.end('SIGTERM')))
  const gate = running.use(
    await startGate({
      folder: join(folder, 'nginx'),
      server: authority.issue({ name: 'localhost' }),
      authority: authority.certificate,
      admitted: ADMITTED,
      behind: site.url,
      signal,
    }),
  )
  const config = await writeConfiguration(folder, `${gate.origin}/ga4gh/tes/v1`, certificates, authority.certificate)
  const broker = await startProgram('apps/broker/src/main.ts', ['--config', config], { MTLS_TOKEN: TOKEN }, join(folder, 'broker.log'))
  running.defer(async () => void (await endProgram(broker, 'SIGTERM')))

  const tes = createTesClient({ url: `${broker.url}/ga4gh/tes/v1` })
  const { id } = await tes.createTask({ executors: [{ image: 'alpine', command: ['echo', 'through the door'] }] })
  const { state, logs } = await tes.waitForTask(id, { view: 'FULL', signal })
  assert.equal(state, 'COMPLETE', JSON.stringify(logs))
  assert.equal(logs?.[0]?.logs[0]?.stdout, 'through the door\n')
  say('the admitted certificate: the task is complete')

  const look = async () => {
    const answer = await fetch(`${broker.url}/portolan/v1/sites`, { signal: AbortSignal.timeout(FETCH_MS) })
    return Sites.parse(await answer.json()).sites
  }
  await until(async () => (await look()).every(({ health }) => health !== 'unknown'), signal)
  const seen = await look()
  for (const [door, trouble] of Object.entries(DOORS)) {
    assert.equal(seen.find(one => one.id === door)?.trouble, trouble, `the certificate "${door}"`)
    if (trouble !== undefined) say(`the certificate "${door}": ${trouble}`)
  }
}

/** Answers the path of the broker's configuration. */
async function writeConfiguration(
  folder: string,
  url: string,
  certificates: Readonly<Record<Door, MadeCertificate>>,
  authority: string,
): Promise<string> {
  const put = async (name: string, text: string): Promise<string> => {
    const path = join(folder, name)
    await writeFile(path, text, { mode: 0o600 })
    return `file:${path}`
  }
  const caRef = await put('authority.crt', authority)
  const sites = await Promise.all(
    Object.entries(certificates).map(async ([id, { certificate, key }]) => ({
      ...{ id, name: id, api: 'tes', url, place: { country: 'DE' } },
      credential: {
        ...{ kind: 'bearer', tokenRef: 'env:MTLS_TOKEN' },
        mtls: { certRef: await put(`${id}.crt`, certificate), keyRef: await put(`${id}.key`, key), caRef },
      },
    })),
  )
  const path = join(folder, 'portolan.yaml')
  const config = {
    server: { host: '127.0.0.1', port: 0 },
    store: { kind: 'sqlite', path: join(folder, 'portolan.db') },
    keys: { dir: join(folder, 'keys') },
    auth: { mode: 'open' },
    tracking: { sweepSeconds: 1, siteTimeoutSeconds: 5 },
    sites,
  }
  await writeFile(path, stringify(config))
  return path
}
