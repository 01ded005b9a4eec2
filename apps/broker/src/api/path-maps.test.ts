import type { Location, LocationId, ProjectId, Site, SiteId, Snapshot } from '@portolan/federation'
import { capabilitiesOf } from '@portolan/federation'
import { ErrorBody } from '@portolan/ga4gh'
import { describe, expect, it } from 'vitest'
import { call } from '../../test/call.ts'
import { siteOf } from '../../test/reconcile-parts.ts'
import { type RunningApi, startApi } from '../../test/start-api.ts'

const executors = [{ image: 'alpine:3', command: ['true'] }]
const store: Location = {
  id: 'store' as LocationId,
  country: 'DE',
  kind: 's3',
  pathMaps: [
    { from: '/nfs/work/', to: 's3://store/work/' },
    { from: '/nfs/others/', to: 's3://store/others/', projects: ['others' as ProjectId] },
  ],
  prefixes: [{ url: 's3://store/', sensitivity: 'public', access: 'share', outputs: true }],
}
const site = (more: Partial<Site> = {}): Snapshot['sites'][number] => ({
  site: siteOf('a', more),
  status: {
    health: 'up',
    submitBreakerOpen: false,
    idle: 0,
    window: 1,
    running: 0,
    waitMs: 0,
    dispatchedSince: 0,
    drainMs: 0,
    failuresMilli: 0,
    attemptsMilli: 0,
  },
})
const start = (sites: Snapshot['sites'] = [site()]): Promise<RunningApi> =>
  startApi({ snapshot: { id: 's', at: 0, policyVersion: 'p', sites, locations: [store], projects: [{ id: 'local' as ProjectId }] } })

const post = (api: RunningApi, task: object, path = '/ga4gh/tes/v1/tasks') =>
  call(api.port, { method: 'POST', path, body: JSON.stringify({ executors, ...task }) })

describe('a task that names files by path', () => {
  it('is stored as it was written where a map says what the path means', async () => {
    await using api = await start()
    const inputs = [{ path: '/in', url: '/nfs/work/ab/reads.bam' }]
    const outputs = [{ path: '/out', url: 'file:///nfs/work/ab/out.bam' }]
    const created = await post(api, { inputs, outputs })
    expect(created.status).toBe(200)
    const { text } = await call(api.port, { path: `/ga4gh/tes/v1/tasks/${JSON.parse(created.text).id}?view=FULL` })
    expect(JSON.parse(text)).toMatchObject({ inputs, outputs })
  })

  it.each(['/ga4gh/tes/v1/tasks', '/portolan/v1/placements'])(
    'is refused by %s where none does, folder by folder, with the fix',
    async path => {
      await using api = await start()
      const inputs = [
        { path: '/a', url: '/nfs/work/x' },
        { path: '/b', url: '/mnt/shared/work/x' },
        { path: '/c', url: 'file:///mnt/shared/data/y' },
        { path: '/d', url: '/nfs/others/y' },
        { path: '/e', content: 'inline', url: '/anything' },
      ]
      const refused = await post(api, { inputs, outputs: [{ path: '/o', url: '/nfs/work/../z' }] }, path)
      expect(refused.status).toBe(400)
      const { type, problems } = ErrorBody.parse(JSON.parse(refused.text))
      expect(type).toBe('urn:portolan:error:path-unmapped')
      expect(problems).toEqual([
        {
          path: 'inputs[1].url',
          message: 'No folder of pathMaps says where files below /mnt/shared/ are served (/mnt/shared/work/x and 1 more)',
          fix: 'Name the files by a URL, such as https or s3, or have the operator name /mnt/shared/ in the pathMaps of the location that serves it.',
        },
        {
          path: 'inputs[3].url',
          message: 'No folder of pathMaps says where files below /nfs/others/ are served (/nfs/others/y)',
          fix: 'Name the files by a URL, such as https or s3, or have the operator name /nfs/others/ in the pathMaps of the location that serves it.',
        },
        {
          path: 'outputs[0].url',
          message: '/nfs/work/../z can be read in more than one way',
          fix: 'Write the path without dot segments and escapes.',
        },
      ])
    },
  )

  it('is left to placement where a site takes files by path', async () => {
    const known = capabilitiesOf('tes-1.1')
    if (known === undefined) throw new Error('tes-1.1 has no capabilities')
    const capabilities = { ...known, inputSchemes: ['file'], outputSchemes: ['file'] }
    await using api = await start([site({ capabilities }), site({ id: 'b' as SiteId })])
    expect((await post(api, { inputs: [{ path: '/a', url: '/mnt/x' }] })).status).toBe(200)
  })
})
