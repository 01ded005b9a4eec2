/**
 * A real Keycloak in a folder of its own: fetched by Maven, unpacked, given one realm, started, ended.
 */
import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createWriteStream } from 'node:fs'
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import process from 'node:process'
import { promisify } from 'node:util'
import { describeRealm, type RealmWishes } from './keycloak-realm.ts'
import type { Need } from './needs.ts'
import { until } from './runtime-site.ts'

const run = promisify(execFile)
const VERSION = '26.7.3'
const COPY = 'org.apache.maven.plugins:maven-dependency-plugin:3.8.1:copy'
const ASK_MS = 5_000
/** How much of its own words is shown when it fails. */
const LAST_WORDS = 3_000

export const KEYCLOAK_NEEDS: readonly Need[] = [
  { program: 'java', package: 'openjdk-17-jre-headless' },
  { program: 'mvn', package: 'maven' },
  { program: 'tar', package: 'tar' },
]

export interface KeycloakPorts {
  readonly http: number
  readonly management: number
}

export interface Keycloak extends AsyncDisposable {
  /** Without a slash at the end. */
  readonly issuer: string
}

/** The issuer of a realm, known before Keycloak runs. */
export function issuerOf({ http }: KeycloakPorts, realm: string): string {
  return `http://127.0.0.1:${http}/realms/${realm}`
}

/** Rejects, with its last words, if it ends before it is ready. */
export async function startKeycloak(folder: string, ports: KeycloakPorts, wishes: RealmWishes, signal: AbortSignal): Promise<Keycloak> {
  const home = await unpack(folder, signal)
  await mkdir(join(home, 'data/import'), { recursive: true })
  await writeFile(join(home, `data/import/${wishes.realm}-realm.json`), JSON.stringify(describeRealm(wishes)))
  const log = join(folder, 'keycloak.log')
  const origin = `http://127.0.0.1:${ports.http}`
  const flags = [
    ...['start-dev', '--import-realm', '--http-host=127.0.0.1', `--http-port=${ports.http}`, `--hostname=${origin}`],
    ...['--health-enabled=true', `--http-management-port=${ports.management}`, '--cache=local'],
  ]
  const child = spawn(join(home, 'bin/kc.sh'), flags, {
    env: { ...process.env, JAVA_OPTS_KC_HEAP: '-Xms64m -Xmx512m' },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const words = createWriteStream(log)
  child.stdout.pipe(words, { end: false })
  child.stderr.pipe(words, { end: false })
  const ended = new AbortController()
  const exit = once(child, 'exit').finally(() => {
    words.end()
    ended.abort(new Error('Keycloak has ended'))
  })
  try {
    await until(() => isReady(ports.management), AbortSignal.any([signal, ended.signal]))
  } catch (cause) {
    child.kill('SIGKILL')
    throw new Error(`Keycloak did not come up: ${(await readFile(log, 'utf8').catch(() => '')).slice(-LAST_WORDS)}`, { cause })
  }
  return {
    issuer: issuerOf(ports, wishes.realm),
    async [Symbol.asyncDispose]() {
      child.kill('SIGTERM')
      await exit
    },
  }
}

/** Answers the folder that it is unpacked in. */
async function unpack(folder: string, signal: AbortSignal): Promise<string> {
  const artifact = `-Dartifact=org.keycloak:keycloak-quarkus-dist:${VERSION}:tar.gz`
  await run('mvn', ['-q', '-B', COPY, artifact, `-DoutputDirectory=${folder}`], { signal })
  await run('tar', ['xzf', `keycloak-quarkus-dist-${VERSION}.tar.gz`], { cwd: folder, signal })
  return join(folder, `keycloak-${VERSION}`)
}

async function isReady(port: number): Promise<boolean> {
  const asked = fetch(`http://127.0.0.1:${port}/health/ready`, { signal: AbortSignal.timeout(ASK_MS) })
  return await asked.then(({ ok }) => ok).catch(() => false)
}
