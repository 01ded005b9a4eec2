/**
 * Who may import whom, and what pure code may not touch. Read from top to bottom; each rule is a sentence and a way to mend a breach.
 */
import { bareSorts, impureNames } from './purity.ts'
import type { Import, SourceFile } from './source-file.ts'

export interface Rule {
  name: string
  sentence: string
  fix: string
  breaches: (file: SourceFile) => Breach[]
}

export interface Breach {
  line: number
  /** The import or the name that breaks the rule. */
  what: string
}

/** Which packages of the workspace each one may import. */
const WORKSPACE: Readonly<Record<string, readonly string[]>> = {
  'packages/ga4gh': [],
  'packages/tes': ['@portolan/ga4gh'],
  'packages/wes': ['@portolan/ga4gh'],
  'packages/identity': [],
  'packages/federation': ['@portolan/tes', '@portolan/wes'],
  'apps/broker': ['@portolan/ga4gh', '@portolan/tes', '@portolan/wes', '@portolan/federation', '@portolan/identity'],
  'apps/site': ['@portolan/ga4gh', '@portolan/tes'],
  'apps/cli': ['@portolan/ga4gh', '@portolan/tes', '@portolan/wes', '@portolan/federation', '@portolan/broker'],
}
const APPS = ['@portolan/broker', '@portolan/site', '@portolan/cli', '@portolan/dashboard', '@portolan/gate']

const BROKER = 'apps/broker/src/'
/** A port is the file named after its folder's role. `capability.ts` holds the words of the gateway port, `health.ts` is the port of breakers,
 *  `login-rows.ts` holds the words of the login store, `visibility.ts` the rule that
 *  every store obeys, and `plan-parts.ts` the one by which uploads are cut. */
const PORTS = [
  'stores/store.ts',
  'stores/visibility.ts',
  'stores/event-reads.ts',
  'stores/upload-store.ts',
  'stores/login-store.ts',
  'stores/login-rows.ts',
  'bus/bus.ts',
  'bus/rate-buckets.ts',
  'sites/gateway.ts',
  'sites/capability.ts',
  'sites/health.ts',
  'data/locator.ts',
  'data/object-store.ts',
  'data/uploads.ts',
  'data/plan-parts.ts',
  'data/location-health.ts',
  'data/links.ts',
  'data/output-measurer.ts',
  'data/live-logs.ts',
  'data/observer.ts',
  'events/event-feed.ts',
  'events/observer.ts',
].map(path => BROKER + path)
/** The parts of the composition root. */
const COMPOSE = `${BROKER}compose/`
const ADAPTER_FOLDERS = ['stores/', 'bus/', 'sites/', 'data/', 'events/'].map(path => BROKER + path)

/** What opens connections, and what of it may stand outside of http/ all the same: servers, and addresses as text. */
const WAYS_OUT = [
  'undici',
  'node:http',
  'node:https',
  'node:http2',
  'node:net',
  'node:tls',
  'node:dgram',
  'node:dns',
  'node:child_process',
  'openid-client',
  'jose',
  '@aws-sdk/client-s3',
  '@aws-sdk/s3-request-presigner',
]
const HARMLESS: Readonly<Record<string, readonly string[]>> = {
  'node:http': ['createServer', 'Server', 'IncomingMessage', 'ServerResponse'],
  'node:net': ['BlockList', 'isIP', 'isIPv4', 'isIPv6', 'Server'],
}
/** Of these only what would go out by a way of its own where nobody gives it another. */
const TAKES_FETCH: Readonly<Record<string, readonly string[]>> = {
  'openid-client': ['*', 'discovery', 'dynamicClientRegistration', 'Configuration'],
  jose: ['*', 'createRemoteJWKSet'],
  '@aws-sdk/client-s3': ['*', 'S3Client', 'S3'],
}

const FRAMEWORK = ['express', 'express-serve-static-core', 'openapi-backend']
const RIM = /^(apps\/broker\/src\/(api|app)\/|apps\/site\/src\/|packages\/[^/]+\/src\/(server|testing)\/)/
const EVERYWHERE = /^packages\/[^/]+\/src\/(?!server\/|testing\/)/

const NOT_SHIPPED = /\.(test|contract|fixture)\.ts$/

export const RULES: readonly Rule[] = [
  {
    name: 'imports-can-be-read',
    sentence: 'What is imported is named there in one plain text, so that these rules see it.',
    fix: 'Write `import` with the name of the module as it is.',
    breaches: ({ hiddenImports }) => hiddenImports,
  },
  {
    name: 'nobody-imports-tests',
    sentence: 'What is shipped imports no test, no contract suite and no fixture.',
    fix: 'Move what is shared into a file of its own.',
    breaches: imports(
      file => !NOT_SHIPPED.test(file.path),
      entry => NOT_SHIPPED.test(entry.target),
    ),
  },
  {
    name: 'federation-runs-alone',
    sentence: 'packages/federation imports nothing at run time.',
    fix: 'Take the value as an argument, or use `import type`.',
    breaches: imports(isFederation, entry => !entry.typeOnly && !isWithin(entry, 'packages/federation/')),
  },
  {
    name: 'federation-knows-documents-only',
    sentence: 'packages/federation takes types only from the packages of the standards.',
    fix: 'Write the type in packages/federation.',
    breaches: imports(
      isFederation,
      entry => entry.typeOnly && !isWithin(entry, 'packages/federation/') && !WORKSPACE['packages/federation']?.includes(entry.target),
    ),
  },
  {
    name: 'federation-is-pure',
    sentence:
      'packages/federation knows no clock, no chance, no locale, no timer, no process and no network, and hides nothing from the compiler.',
    fix: 'Take what you need as an argument: `now` for the time, a hash of the ids for chance, integers for figures.',
    breaches: file => (isFederation(file) ? impureNames(file) : []),
  },
  {
    name: 'federation-sorts-with-a-comparator',
    sentence: 'packages/federation sorts only with a comparator, since the default order is that of text.',
    fix: 'Pass a comparator to `sort` or `toSorted`.',
    breaches: file => (isFederation(file) ? bareSorts(file) : []),
  },
  {
    name: 'packages-never-import-apps',
    sentence: 'A package is of use without the apps.',
    fix: 'Move what is shared into a package.',
    breaches: imports(inPackage, entry => APPS.includes(packageOf(entry)) || entry.target.startsWith('apps/')),
  },
  {
    name: 'workspace-directions',
    sentence: 'Packages and apps import each other in one direction only.',
    fix: 'Look at the table WORKSPACE in tools/src/boundaries/rules.ts: move the code to where both may reach it.',
    breaches: file => workspaceBreaches(file),
  },
  {
    name: 'packages-are-entered-by-their-doors',
    sentence: 'A file of another package is imported by the name of a door, never by its path.',
    fix: 'Import from `@portolan/NAME` or one of its doors.',
    breaches: imports(
      () => true,
      (entry, file) =>
        entry.specifier.startsWith('.') &&
        rootOf(entry.target) !== rootOf(file.path) &&
        !(inPackage(file) && entry.target.startsWith('apps/')),
    ),
  },
  {
    name: 'packages-run-everywhere',
    sentence: 'Outside ./server and ./testing a package runs in browsers and workers: no Node built-ins, no framework, no YAML.',
    fix: 'Use what the web platform offers, or move the code behind the door ./server or ./testing.',
    breaches: imports(
      file => EVERYWHERE.test(file.path) && !isFederation(file),
      entry =>
        entry.target.startsWith('node:') ||
        ['yaml', ...FRAMEWORK].includes(packageOf(entry)) ||
        /^packages\/[^/]+\/src\/(server|testing)\//.test(entry.target),
    ),
  },
  {
    name: 'framework-at-the-rim',
    sentence:
      'express and openapi-backend appear in the folders api and app of the broker, in apps/site and behind ./server and ./testing, nowhere else.',
    fix: 'Pass plain values inward, and keep the handler at the rim.',
    breaches: imports(
      file => !RIM.test(file.path) && !EVERYWHERE.test(file.path),
      entry => FRAMEWORK.includes(packageOf(entry)),
    ),
  },
  {
    name: 'main-starts-the-broker',
    sentence:
      'In the broker arrows point main → broker → compose → parts: nobody imports main.ts, only main.ts imports broker.ts, and only broker.ts what it is composed by.',
    fix: 'Take what you need from broker.ts as a constructor argument.',
    breaches: imports(
      file => file.path.startsWith(BROKER) && file.path !== `${BROKER}main.ts`,
      (entry, file) =>
        [`${BROKER}main.ts`, `${BROKER}broker.ts`].includes(entry.target) ||
        (isWithin(entry, COMPOSE) && file.path !== `${BROKER}broker.ts` && !file.path.startsWith(COMPOSE)),
    ),
  },
  {
    name: 'only-broker-knows-adapters',
    sentence: 'Only broker.ts and the folder compose, which it is made of, import an adapter; everybody else imports its port.',
    fix: `Import the port (${PORTS.map(path => path.slice(BROKER.length)).join(', ')}) and let broker.ts pass the adapter in.`,
    breaches: imports(
      file => file.path.startsWith(BROKER) && file.path !== `${BROKER}broker.ts` && !file.path.startsWith(COMPOSE),
      (entry, file) => {
        const folder = ADAPTER_FOLDERS.find(path => entry.target.startsWith(path))
        return folder !== undefined && !PORTS.includes(entry.target) && !file.path.startsWith(folder)
      },
    ),
  },
  {
    name: 'reconciler-speaks-to-ports',
    sentence: 'reconcile/ imports ports, packages and its own files; it knows neither the api nor the wire.',
    fix: 'Take the value as an argument, or put the question into a port.',
    breaches: imports(
      file => file.path.startsWith(`${BROKER}reconcile/`),
      entry =>
        isWithin(entry, `${BROKER}api/`) ||
        isWithin(entry, `${BROKER}http/`) ||
        ['got', 'node:http', 'node:https', 'node:net'].includes(entry.target),
    ),
  },
  {
    name: 'adapters-know-no-callers',
    sentence: 'Adapters import neither the api nor the reconciler.',
    fix: 'Move the shared words into the port or into packages/federation.',
    breaches: imports(
      file => ADAPTER_FOLDERS.some(folder => file.path.startsWith(folder)),
      entry => isWithin(entry, `${BROKER}api/`) || isWithin(entry, `${BROKER}reconcile/`),
    ),
  },
  {
    name: 'sql-in-the-stores',
    sentence: 'SQL and its drivers appear in stores/ only.',
    fix: 'Add a command or a query to the store port.',
    breaches: imports(
      file => file.path.startsWith(BROKER) && !file.path.startsWith(`${BROKER}stores/`),
      entry => ['kysely', 'pg', 'node:sqlite'].includes(packageOf(entry)),
    ),
  },
  {
    name: 'one-way-out',
    sentence: 'got is wrapped as a fetch in the http folder of the broker; everybody else gets that fetch.',
    fix: 'Take a `fetch` as an argument.',
    breaches: imports(
      file => !file.path.startsWith(`${BROKER}http/`),
      entry => packageOf(entry) === 'got',
    ),
  },
  {
    name: 'nothing-else-goes-out',
    sentence: 'Every request of the broker leaves by its http folder, where addresses are judged: nothing else there opens a connection.',
    fix: 'Take a `fetch` as an argument, or the client that http/oauth-client.ts or http/s3-client.ts opens.',
    breaches: imports(
      file => file.path.startsWith(BROKER) && !file.path.startsWith(`${BROKER}http/`),
      entry => opensConnections(entry),
    ),
  },
]

function opensConnections(entry: Import): boolean {
  const source = packageOf(entry)
  if (entry.typeOnly || !WAYS_OUT.includes(source)) return false
  const takesFetch = TAKES_FETCH[source]
  if (takesFetch) return entry.names.some(name => takesFetch.includes(name))
  return entry.names.some(name => !HARMLESS[source]?.includes(name))
}

function imports(applies: (file: SourceFile) => boolean, forbids: (entry: Import, file: SourceFile) => boolean): Rule['breaches'] {
  return file =>
    applies(file) ? file.imports.filter(entry => forbids(entry, file)).map(entry => ({ line: entry.line, what: entry.specifier })) : []
}

function workspaceBreaches(file: SourceFile): Breach[] {
  const own = rootOf(file.path)
  const allowed = WORKSPACE[own]
  const foreign = file.imports.filter(
    entry => entry.target.startsWith('@portolan/') && !(inPackage(file) && APPS.includes(packageOf(entry))),
  )
  // The door of one's own package is a way round; packages/federation has rules of its own.
  const breaking = isFederation(file) ? [] : foreign.filter(entry => !allowed?.includes(packageOf(entry)))
  return breaking.map(entry => ({ line: entry.line, what: entry.specifier }))
}

function isFederation(file: SourceFile): boolean {
  return file.path.startsWith('packages/federation/')
}

function inPackage(file: SourceFile): boolean {
  return file.path.startsWith('packages/')
}

function isWithin(entry: Import, folder: string): boolean {
  return entry.target.startsWith(folder)
}

/** `packages/tes` of `packages/tes/src/task.ts`. */
function rootOf(path: string): string {
  return path.split('/').slice(0, 2).join('/')
}

/** `@portolan/tes` of `@portolan/tes/client`, `yaml` of `yaml/x`. */
function packageOf(entry: Import): string {
  return entry.target
    .split('/')
    .slice(0, entry.target.startsWith('@') ? 2 : 1)
    .join('/')
}
