import { createFakeSite, type FakeSite, type FakeSiteOptions, type PersonalityName } from '@portolan/tes/testing'
import { describe, expect, it } from 'vitest'
import { makeSecret } from '../../../../test/leaks/secrets.ts'
import { openSubjectTokens } from '../auth/subject-tokens.ts'
import { convertSite } from '../config/convert.ts'
import { SiteFile } from '../config/site-file.ts'
import { TrackingFile } from '../config/tracking-file.ts'
import { Secret } from '../config.ts'
import { openAccess } from '../http/access.ts'
import { createOutboundFetch } from '../http/outbound-fetch.ts'
import type { SiteGateway } from './gateway.ts'
import { createTesGateway } from './push-gateway.ts'

const never = new AbortController().signal
const TASK = { executors: [{ image: 'alpine', command: ['true'] }], tags: { 'portolan.task': 'x' } }

const ADA = { issuer: 'https://login.example/', subject: 'ada' }

/** A gateway to a fake site that keeps a secret. */
async function open(options: FakeSiteOptions): Promise<{ fake: FakeSite; gateway: SiteGateway } & AsyncDisposable> {
  const fake = await createFakeSite({ ...options, token: makeSecret('canary') })
  const { origin } = new URL(fake.url)
  const outbound = createOutboundFetch({ declaredOrigins: [origin] })
  const file = SiteFile.parse({ id: 'a', url: fake.url, place: { country: 'DE' }, limits: { requestsPerSecond: 1000 } })
  const gateway = createTesGateway({
    site: convertSite(file, TrackingFile.parse({ siteTimeoutSeconds: 0.5 }), false),
    url: fake.url,
    access: openAccess(
      origin,
      { kind: 'bearer', token: new Secret(makeSecret('canary')) },
      { outbound, subjectTokens: openSubjectTokens, now: Date.now },
    ),
    concurrentRequests: 4,
  })
  return {
    fake,
    gateway,
    async [Symbol.asyncDispose]() {
      await gateway[Symbol.asyncDispose]()
      await outbound[Symbol.asyncDispose]()
      await fake[Symbol.asyncDispose]()
    },
  }
}

describe.each<PersonalityName>(['tes-1.1', 'tesk', 'funnel', 'hostile'])('a site like %s', personality => {
  it('takes a task, shows it with its tags, and tells its end', async () => {
    await using site = await open({ personality, progress: 'manual' })
    const { gateway, fake } = site
    const offer = await gateway.offer(TASK, ADA, never)
    if (offer.outcome !== 'accepted') throw new Error(JSON.stringify(offer))
    const { siteTaskId } = offer
    const listed = await gateway.observe('BASIC', never)
    expect(listed.tasks.find(task => task.siteTaskId === siteTaskId)?.tags).toMatchObject(TASK.tags)
    fake.setState(siteTaskId, 'COMPLETE')
    expect(await gateway.read(siteTaskId, 'FULL', never)).toMatchObject({ outcome: 'found', state: 'COMPLETE', tags: TASK.tags })
    fake.forget(siteTaskId)
    expect(await gateway.read(siteTaskId, 'MINIMAL', never)).toEqual({ outcome: 'absent' })
  })

  it('shows all of a long list, and where that is not sure it counts as incomplete', async () => {
    await using site = await open({ personality })
    site.fake.addOldTasks(5_000)
    site.fake.quirks.repeatsAcrossPages = true
    const { complete, tasks } = await site.gateway.observe('MINIMAL', never)
    // The hostile one puts entries into its pages that are no tasks: one of them could have been ours.
    expect([complete, tasks.length]).toEqual([personality !== 'hostile', 5_000])
  })
})

describe('a lost answer', () => {
  it.each([
    ['after the task was stored', { do: 'hang-up', committed: true }, 1],
    ['before it was stored', { do: 'hang-up' }, 0],
    ['by a proxy, after the task was stored', { do: 'answer', status: 502, committed: true }, 1],
    ['by silence', { do: 'hold', ms: 5_000 }, 1],
    ['half way', { do: 'drip', everyMs: 1, bytes: 5 }, 1],
  ] as const)('%s is ambiguous, and the submission is not sent again', async (_, effect, stored) => {
    await using site = await open({})
    site.fake.script.add('create', effect)
    expect(await site.gateway.offer(TASK, ADA, never)).toMatchObject({ outcome: 'ambiguous' })
    expect(site.fake.tasks.size).toBe(stored)
    expect(site.fake.requests.filter(({ operation }) => operation === 'create')).toHaveLength(1)
    site.fake.script.release()
  })
})

it('a list whose page token expires is incomplete', async () => {
  await using site = await open({ personality: 'tesk' })
  site.fake.addOldTasks(3_000)
  site.fake.quirks.tokensExpired = true
  const { complete, failure, tasks } = await site.gateway.observe('MINIMAL', never)
  expect([complete, failure?.kind, tasks.length]).toEqual([false, 'server', 2_047])
})
