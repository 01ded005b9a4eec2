import type { ReasonCode } from '../../src/index.ts'
import { buildInput, buildPrefix, buildSite, locationId, projectId, siteId } from '../build.ts'
import { type Case, hints, reads, toStore } from './case.ts'

const NO_BUCKETS = { capabilities: { ...buildSite('x').capabilities, inputSchemes: ['https'] } }
const LARGE = { limits: { ...buildSite('x').limits, maxDocumentBytes: 16_777_216 } }

/** Near misses: each stands just on the right side of the check. */
export const PASSING_ROWS: readonly (readonly [code: ReasonCode, sentence: string, given: Case])[] = [
  ['SITE_DRAINING', 'a site is not drained', { site: { draining: false } }],
  ['SITE_DOWN', 'a site was not asked yet', { status: { health: 'unknown' } }],
  ['BREAKER_OPEN', 'the breaker is closed', { status: { submitBreakerOpen: false } }],
  [
    'TOO_LARGE_EVER',
    'the task takes all that there is',
    { site: { capacity: { cpuCores: 4, ramBytes: 8e9, diskBytes: 1e9 } }, work: { cpuCores: 4, ramBytes: 8e9, diskBytes: 1e9 } },
  ],
  ['TOO_LARGE_EVER', 'a site declares no size', { site: { capacity: {} }, work: { cpuCores: 999 } }],
  ['TASK_TOO_LARGE', 'the document has just the limit', { work: { documentBytes: 262_144 } }],
  [
    'TASK_TOO_LARGE',
    'there is just room for the links',
    { location: { links: true }, work: { inputs: reads, documentBytes: 262_144 - 1200 } },
  ],
  [
    'TASK_TOO_LARGE',
    'the site needs no links',
    { location: { links: true, credentialsAt: [siteId('here')] }, work: { inputs: reads, documentBytes: 262_144 } },
  ],
  ['NO_ROOM_NOW', 'one place of the window is free', { status: { idle: 19, window: 20 } }],
  ['URL_SCHEME_UNSUPPORTED', 'the schemes are known', { work: { inputs: reads, outputs: toStore } }],
  [
    'URL_SCHEME_UNSUPPORTED',
    'a replica has a scheme that the site reads',
    { work: { inputs: [buildInput('x', ['store'], { url: 'gs://b/x' })] } },
  ],
  [
    'URL_SCHEME_UNSUPPORTED',
    'the site reads no bucket, and takes links',
    { location: { links: true }, site: NO_BUCKETS, work: { inputs: reads } },
  ],
  [
    'INPUT_UNREACHABLE',
    'one of two locations is readable',
    { location: { readableFrom: [siteId('there')] }, work: { inputs: [buildInput('x', ['store', 'other'])] } },
  ],
  ['INPUT_UNREACHABLE', 'the location is readable from here', { location: { readableFrom: [siteId('here')] }, work: { inputs: reads } }],
  [
    'INPUT_UNREACHABLE',
    'the broker can make a link where the site has no credentials',
    { location: { links: true }, work: { inputs: reads } },
  ],
  [
    'INPUT_UNREACHABLE',
    'a directory has just so many files as links are made for',
    { location: { links: true }, site: LARGE, work: { inputs: [buildInput('x', ['store'], { files: 1000 })] } },
  ],
  [
    'INPUT_UNREACHABLE',
    'nobody knows how many files a directory has',
    { location: { links: true }, site: LARGE, work: { inputs: [buildInput('x', ['store'], { files: 1001, assumed: true })] } },
  ],
  [
    'INPUT_UNREACHABLE',
    'a large directory lies where the site has credentials',
    { location: { links: true, credentialsAt: [siteId('here')] }, work: { inputs: [buildInput('x', ['store'], { files: 5000 })] } },
  ],
  [
    'INPUT_UNREACHABLE',
    'a large directory lies on the own ground of the site',
    { location: { links: true }, site: { holds: [locationId('store')] }, work: { inputs: [buildInput('x', ['store'], { files: 5000 })] } },
  ],
  ['FEATURE_UNSUPPORTED', 'the software can do it', { work: { features: { ignoreError: true, wildcards: true } } }],
  ['BACKEND_PARAMETER_UNSUPPORTED', 'an unknown parameter is not strict', { work: { backendParameters: ['queue'] } }],
  [
    'PATH_UNMAPPED',
    'the site declares the scheme file',
    {
      site: { capabilities: { ...buildSite('x').capabilities, inputSchemes: ['file'], outputSchemes: ['file'] } },
      work: { inputs: [buildInput('x', ['store'], { url: '/data/x' })], outputs: [{ url: 'file:///data/y', path: '/y' }] },
    },
  ],
  [
    'PROJECT_NOT_ADMITTED',
    'site and project admit each other until tomorrow',
    { site: { policy: { projects: [projectId('p')] } }, project: { sites: [siteId('here')], untilMs: 1_800_086_400_000 } },
  ],
  [
    'GROUP_MISSING',
    'data and results lie in a place of the own project',
    { project: { owns: ['s3://store/'] }, work: { inputs: reads, outputs: toStore } },
  ],
  [
    'GROUP_MISSING',
    'a place of another project is near, but not touched',
    { other: { owns: ['s3://store/reads-of-others/'] }, work: { inputs: reads } },
  ],
  ['RESIDENCY', 'data, site and results are in one country', { prefix: { residency: ['DE'] }, work: { inputs: reads, outputs: toStore } }],
  [
    'RESIDENCY',
    'the task touches other data only',
    {
      site: { place: { country: 'NL' } },
      location: { prefixes: [buildPrefix('s3://store/'), buildPrefix('s3://store/de/', { residency: ['DE'] })] },
      work: { inputs: reads },
    },
  ],
  [
    'SENSITIVITY',
    'the data is as sensitive as the site may hold',
    { site: { maxSensitivity: 'pseudonymised' }, prefix: { sensitivity: 'pseudonymised' }, work: { inputs: reads } },
  ],
  [
    'SENSITIVITY',
    'an open site gets public and inline data',
    { site: { open: true }, work: { inputs: [...reads, { path: '/in/x', replicas: [], bytes: 1, files: 1, assumed: false }] } },
  ],
  [
    'WORK_NOT_APPROVED',
    'compute-only data is near, but not touched',
    {
      location: { prefixes: [buildPrefix('s3://store/'), buildPrefix('s3://store/secret/', { access: 'compute' })] },
      work: { inputs: reads },
    },
  ],
  ['IMAGE_NOT_ALLOWED', 'the image matches', { site: { policy: { images: { allow: ['quay.io/biocontainers/*'] } } } }],
  ['IMAGE_NOT_PINNED', 'all images are pinned', { site: { policy: { images: { digest: 'required' } } } }],
  ['IMAGE_NOT_PINNED', 'digests are optional', { site: { policy: { images: { digest: 'optional' } } }, work: { images: ['ubuntu'] } }],
  [
    'OUTPUT_TARGET_DENIED',
    'the target is allowed and takes outputs',
    { site: { policy: { outputs: { allow: ['s3://store/'] } } }, prefix: { outputs: true }, work: { outputs: toStore } },
  ],
  ['RUN_TOO_LONG', 'the run time is just the limit, or not declared', { site: { capacity: { maxRunMs: 60_000 } } }],
  ['QUOTA', 'the project has fewer tasks at sites than it may', { project: { quota: { queued: 5 } }, work: { underWay: 4 } }],
  ['FROZEN', 'frozen is false', { site: { policy: { frozen: false } }, project: { frozen: false } }],
  ['SITE_RULE', "the site's own rules admit it", { site: { policy: { siteRules: true } }, extra: { [siteId('here')]: [] } }],
  [
    'NOT_REQUESTED',
    'the user named this site and it holds all',
    { site: { holds: [locationId('store')] }, work: { inputs: reads, hints: hints({ site: siteId('here'), locality: 'require' }) } },
  ],
  ['ALREADY_TRIED', 'another site failed', { work: { triedSites: [siteId('there')] } }],
]
