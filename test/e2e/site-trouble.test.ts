import { describe, expect, it } from 'vitest'
import { startFederation, type TestFederation } from '../harness/federation.ts'
import { fakeSite, tokenOf } from '../harness/sites.ts'
import { until } from '../harness/until.ts'

interface ShownSite {
  readonly health: string
  readonly trouble?: string
}

const always = { times: Number.POSITIVE_INFINITY } as const
const saysOf = async (federation: TestFederation, id: string): Promise<string> =>
  (await federation.full(id)).logs?.[0]?.system_logs?.join('\n') ?? ''

async function shown(federation: TestFederation): Promise<ShownSite | undefined> {
  const list: { readonly sites: readonly ShownSite[] } = JSON.parse((await federation.portolan('sites')).text)
  return list.sites[0]
}

describe.concurrent('a site in trouble', () => {
  it.each([401, 403])(
    'that refuses our credential with %i keeps its task waiting, says so, and gets it when the credential is right again',
    async status => {
      await using federation = await startFederation({ sites: [fakeSite('only')] })
      const { script } = federation.fake('only')
      script.add('create', { do: 'answer', status, body: { msg: tokenOf('only') } }, always)
      const id = await federation.submit()
      await until('it says why it waits', async () =>
        (await saysOf(federation, id)).includes("BREAKER_OPEN: only refuses the broker's credential: "),
      )
      expect((await federation.full(id)).state).toBe('QUEUED')
      expect(await saysOf(federation, id)).not.toContain(tokenOf('only'))
      const refusal = status === 401 ? '401 Unauthorized' : '403 Forbidden'
      await until('it shows the refusal', async () => (await shown(federation))?.trouble?.includes(refusal) === true)
      script.clear()
      await federation.settle()
      expect((await federation.full(id)).state).toBe('COMPLETE')
      await until('it shows no trouble', async () => (await shown(federation))?.trouble === undefined)
    },
  )

  it.each([
    {
      says: 'SITE_DOWN: only does not answer: connection refused',
      trouble: 'connection refused',
      break: (one: TestFederation) => one.site('only').stop(),
    },
    {
      says: "SITE_DOWN: only refuses the broker's credential: 401 Unauthorized",
      trouble: '401 Unauthorized',
      break: async (one: TestFederation) => void one.fake('only').script.add('any', { do: 'answer', status: 401 }, always),
    },
    {
      says: 'SITE_DOWN: only does not answer: timed out after 500 ms',
      trouble: 'timed out after 500 ms',
      break: async (one: TestFederation) => void one.fake('only').script.add('any', { do: 'hold' }, always),
    },
    {
      says: 'SITE_DOWN: only cannot be followed: it last answered 502 Bad Gateway',
      trouble: '502 Bad Gateway',
      break: async (one: TestFederation) => void one.fake('only').script.add('any', { do: 'answer', status: 502 }, always),
    },
  ])('says $trouble in the list of sites and in what waits for it', async ({ says, trouble, break: spoil }) => {
    await using federation = await startFederation({ sites: [fakeSite('only')], tracking: { siteTimeoutSeconds: 0.5 } })
    await spoil(federation)
    await until('it counts as down', async () => (await shown(federation))?.health === 'down')
    expect(await shown(federation)).toMatchObject({ health: 'down', trouble })
    const id = await federation.submit()
    await until('the task says so', async () => (await saysOf(federation, id)).includes(says))
    const { sites } = await federation.placement(id)
    expect(sites[0]?.reasons.map(({ code, detail }) => `${code}: ${detail}`)).toContain(says)
  })

  it('that lists its tasks and lets none be read says so while a task has ended unread', async () => {
    await using federation = await startFederation({ sites: [fakeSite('only')] })
    const { script } = federation.fake('only')
    script.add('get', { do: 'answer', status: 403 }, always)
    const id = await federation.submit()
    await until('it says so', async () => (await shown(federation))?.trouble === '403 Forbidden')
    script.clear()
    await federation.settle()
    expect((await federation.full(id)).state).toBe('COMPLETE')
  })
})
