/** What keeps a task from a site: room, size, reach. */
import { buildInput, buildSite, siteId } from '../build.ts'
import { type Row, reads } from './case.ts'

export const FIT_ROWS: readonly Row[] = [
  ['SITE_DRAINING', 'a site is being drained', { site: { draining: true } }, 'Here is being drained and takes no new work'],
  ['SITE_DOWN', 'a site does not answer', { status: { health: 'down' } }, 'Here does not answer'],
  [
    'SITE_DOWN',
    'a site cannot be reached',
    { status: { health: 'down', listTrouble: { kind: 'refused' } } },
    'Here does not answer: connection refused',
  ],
  [
    'SITE_DOWN',
    'a site answers too late',
    { status: { health: 'down', listTrouble: { kind: 'timeout' } } },
    'Here does not answer: timed out after 30 s',
  ],
  [
    'SITE_DOWN',
    'a site answers with errors',
    { status: { health: 'down', listTrouble: { kind: 'status', status: 503 } } },
    'Here cannot be followed: it last answered 503 Service Unavailable',
  ],
  [
    'SITE_DOWN',
    'a site refuses our credential',
    { status: { health: 'down', listTrouble: { kind: 'status', status: 401 } } },
    "Here refuses the broker's credential: 401 Unauthorized",
  ],
  [
    'BREAKER_OPEN',
    'submissions fail',
    { status: { submitBreakerOpen: true } },
    'Here failed the latest submissions and gets none for a while',
  ],
  [
    'BREAKER_OPEN',
    'submissions fail with a status',
    { status: { submitBreakerOpen: true, submitTrouble: { kind: 'status', status: 502 } } },
    'Here failed the latest submissions and gets none for a while: it last answered 502 Bad Gateway',
  ],
  [
    'BREAKER_OPEN',
    'submissions fail because the credential is refused',
    { status: { submitBreakerOpen: true, submitTrouble: { kind: 'status', status: 403 } } },
    "Here refuses the broker's credential: 403 Forbidden",
  ],
  [
    'TOO_LARGE_EVER',
    'cores, RAM and disk are over the most a task can get',
    { site: { capacity: { cpuCores: 4, ramBytes: 8e9, diskBytes: 1e9 } }, work: { cpuCores: 8, ramBytes: 16e9, diskBytes: 2e9 } },
    'the task asks Here for 8 cores of at most 4, 16 GB RAM of at most 8 GB, 2 GB disk of at most 1 GB',
  ],
  [
    'TASK_TOO_LARGE',
    'the document is over the limit',
    { work: { documentBytes: 300_000 } },
    'the document has 300000 bytes; Here accepts 262144',
  ],
  [
    'TASK_TOO_LARGE',
    'the links to its inputs would not fit in',
    { location: { links: true }, work: { inputs: [buildInput('a', ['store']), buildInput('b', ['store'], { files: 300 })] } },
    'with links to 301 files the document has some 362200 bytes; Here accepts 262144',
  ],
  ['NO_ROOM_NOW', 'the window is full', { status: { idle: 20, window: 20 } }, 'Here has 20 tasks that do not run yet; 20 are allowed'],
  [
    'URL_SCHEME_UNSUPPORTED',
    'an input has a scheme that the site does not read',
    { work: { inputs: [buildInput('x', [], { url: 'gs://b/x' })] } },
    'Here does not take gs for input (gs://b/x)',
  ],
  [
    'URL_SCHEME_UNSUPPORTED',
    'an output has a scheme that the site does not write',
    { work: { outputs: [{ url: 'gs://b/x', path: '/x' }] } },
    'Here does not take gs for output (gs://b/x)',
  ],
  [
    'URL_SCHEME_UNSUPPORTED',
    'no replica has a scheme that the site reads, and no link can be made',
    { site: { capabilities: { ...buildSite('x').capabilities, inputSchemes: ['https'] } }, work: { inputs: reads } },
    'Here does not take s3 for input (s3://store/reads)',
  ],
  [
    'INPUT_UNREACHABLE',
    'a directory has more files than links are made for',
    { location: { links: true }, work: { inputs: [buildInput('all', ['store'], { files: 1001 })] } },
    's3://store/all holds 1001 files, and Here would need a link to each; 1000 are made at most',
  ],
  [
    'INPUT_UNREACHABLE',
    'a site has no credentials at a location and takes no links',
    {
      location: { links: true, credentialsAt: [siteId('there')] },
      site: { capabilities: { ...buildSite('x').capabilities, inputSchemes: ['s3'] } },
      work: { inputs: reads },
    },
    'Here has no credentials for s3://store/reads, and takes no links, which are https',
  ],
  [
    'INPUT_UNREACHABLE',
    'the only location is not readable from the site',
    { location: { readableFrom: [siteId('there')] }, work: { inputs: reads } },
    's3://store/reads lies at store, which Here cannot read',
  ],
  [
    'INPUT_UNREACHABLE',
    'the only location is readable from a list of sites that is empty',
    { location: { readableFrom: [] }, work: { inputs: reads } },
    's3://store/reads lies at store, which Here cannot read',
  ],
  [
    'INPUT_UNREACHABLE',
    'an input does not exist',
    { work: { inputs: [buildInput('x', ['store'], { missing: true })] } },
    's3://store/x does not exist',
  ],
  [
    'INPUT_UNREACHABLE',
    'a url could be read in two ways',
    { work: { inputs: [buildInput('x', ['store'], { url: 's3://store/../x' })] } },
    's3://store/../x is not a URL that has one meaning',
  ],
  [
    'INPUT_UNREACHABLE',
    'an address at AWS may be another one of a declared bucket',
    {
      prefix: { url: 'https://b.s3.eu-central-1.amazonaws.com/' },
      work: { inputs: [buildInput('x', [], { url: 'https://point-1.s3-accesspoint.eu-central-1.amazonaws.com/x' })] },
    },
    'https://point-1.s3-accesspoint.eu-central-1.amazonaws.com/x may be another address of a declared bucket at AWS, whose rules it would pass by',
  ],
  [
    'FEATURE_UNSUPPORTED',
    'the task needs what the software lacks',
    {
      site: { capabilities: { ...buildSite('x').capabilities, ignoreError: false, wildcards: false } },
      work: { features: { ignoreError: true, wildcards: true } },
    },
    'Here does not support ignore_error, wildcards in outputs',
  ],
  ['FEATURE_UNSUPPORTED', 'a workflow meets a site for tasks', { work: { kind: 'run' } }, 'Here does not support runs of workflows'],
  [
    'ISOLATION_UNAVAILABLE',
    'the data asks for isolation',
    { prefix: { isolation: 'vm' }, work: { inputs: reads } },
    'prefix s3://store/ declares isolation: declared, not yet supported',
  ],
  [
    'BACKEND_PARAMETER_UNSUPPORTED',
    'a strict backend parameter is unknown',
    { work: { backendParameters: ['queue'], backendParametersStrict: true } },
    'Here does not know queue, and backend_parameters_strict is true',
  ],
  [
    'PATH_UNMAPPED',
    'an input is a bare path',
    { work: { inputs: [buildInput('x', ['store'], { url: '/data/x' })] } },
    'Here cannot reach /data/x',
  ],
  [
    'PATH_UNMAPPED',
    'an output is a file url',
    { work: { outputs: [{ url: 'file:///data/x', path: '/x' }] } },
    'Here cannot reach file:///data/x',
  ],
]
