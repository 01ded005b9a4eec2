/**
 * What brokers and sites say that run as programs is found too, though they are killed; and what a program removes.
 */
import { execFile } from 'node:child_process'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import process from 'node:process'
import { promisify } from 'node:util'
import { describe, expect, it, onTestFinished } from 'vitest'
import { stringify } from 'yaml'
import { endProgram, type Running, startProgram } from '../../demo/src/processes.ts'
import { until } from '../harness/until.ts'
import { findLeaks } from './find-leaks.ts'
import { needlesOf } from './needles.ts'
import { makeRunFolder, type RunFolder } from './run-folder.ts'
import { MARKER_VARIABLE } from './secrets.ts'

/** A run of one's own within this one: what is planted fails nobody else. */
function startRun(): { readonly run: RunFolder; readonly marker: string; readonly found: () => readonly string[] } {
  const run = makeRunFolder()
  onTestFinished(() => void run.search())
  const found = () =>
    run
      .search()
      .findings.map(({ place, what, of }) => `${what} in the ${place} of ${of.replace(/\d+/g, 'N')}`)
      .toSorted()
  return { run, marker: run.environment[MARKER_VARIABLE] ?? '', found }
}

/** Makes every answer of a program carry the text in a header. */
function plantHeader(text: string): string {
  const code = `
    import { ServerResponse } from 'node:http'
    const { end } = ServerResponse.prototype
    ServerResponse.prototype.end = function (...args) {
      this.setHeader('x-leak', '${text}')
      return end.apply(this, args)
    }`
  return `--import=data:text/javascript,${encodeURIComponent(code)}`
}

async function start({ path, environment }: RunFolder, program: string, flags: readonly string[], options = ''): Promise<Running> {
  const env = { ...environment, NODE_OPTIONS: `${process.env.NODE_OPTIONS} ${options}` }
  const running = await startProgram(program, flags, env, join(path, 'said.txt'))
  onTestFinished(() => void running.process.kill('SIGKILL'))
  return running
}

const ask = async (url: string): Promise<string> => (await fetch(url, { signal: AbortSignal.timeout(10_000) })).text()

it('a broker that is killed leaves its log, its metrics and the log of its writes', async () => {
  const { run, marker, found } = startRun()
  const config = join(run.path, 'portolan.yaml')
  const site = { id: marker, url: 'http://127.0.0.1:9/', place: { country: 'DE' } }
  await writeFile(config, stringify({ server: { port: 0 }, auth: { mode: 'open' }, sites: [site] }))
  const broker = await start(run, 'apps/broker/src/main.ts', ['--config', config])
  await until('the site is counted', async () => (await ask(`${broker.url}/metrics`)).includes(marker))
  await ask(`${broker.url}/ga4gh/tes/v1/tasks/${marker}`)
  await until('the request is logged', async () => (await readFile(join(run.path, 'said.txt'), 'utf8')).includes(marker))
  await endProgram(broker, 'SIGKILL')
  expect(found()).toEqual([
    'the marker (plain) in the log of what was left behind (N-broker-src.log)',
    'the marker (plain) in the metrics of what was left behind (N-broker-src.metrics)',
    'the marker (plain) in the write-ahead log of what was left behind (portolan.db-wal)',
  ])
})

it.each([
  ['broker', 'apps/broker/src/main.ts', ['--port', '0']],
  ['site', 'apps/site/src/main.ts', ['--id', 'x', '--open', '--runner', 'process', '--allow-root', '--work', 'WORK']],
])('a %s that is killed leaves its answers that refuse, with their heads', async (name, program, flags) => {
  const { run, marker, found } = startRun()
  const placed = flags.map(flag => flag.replace('WORK', join(run.path, 'work')))
  const running = await start(run, program, placed, plantHeader(marker))
  await ask(`${running.url}/ga4gh/tes/v1/tasks/none`)
  await endProgram(running, 'SIGKILL')
  expect(found()).toEqual([`the marker (plain) in the error body of what was left behind (N-${name}-src.error-bodies)`])
})

/** Makes every answer of a program a list that shows a link. */
const LINK = `https://store.example/x?X-Amz-Signature=${'0a'.repeat(32)}`
const TELLS = `--import=data:text/javascript,${encodeURIComponent(`
  import { ServerResponse } from 'node:http'
  const { end } = ServerResponse.prototype
  ServerResponse.prototype.end = function () { this.statusCode = 200; return end.call(this, '${LINK}') }`)}`

it('T10 a broker that tells a signed link leaves its answer, and a command what it has said', async () => {
  const { run, found } = startRun()
  const broker = await start(run, 'apps/broker/src/main.ts', ['--port', '0'], TELLS)
  await ask(`${broker.url}/portolan/v1/locations`)
  await endProgram(broker, 'SIGKILL')
  const env = { ...process.env, ...run.environment }
  const command = join(import.meta.dirname, '../../apps/cli/src/main.ts')
  await promisify(execFile)(process.execPath, [command, LINK], { env }).catch(() => undefined)
  expect(found()).toEqual([
    'a signed link (X-Amz-Signature, plain) in the answer of what was left behind (N-broker-src.answers)',
    'a signed link (X-Amz-Signature, plain) in the command output of what was left behind (N-cli-src.command-output)',
  ])
})

describe('any program', () => {
  const execute = async ({ path, environment }: RunFolder, code: string): Promise<string> => {
    const options = { cwd: path, env: { ...process.env, ...environment } }
    return (await promisify(execFile)(process.execPath, ['--input-type=module', '--eval', code], options)).stdout
  }

  it('removes no store that is not searched, but for that of a foreign server', async () => {
    const { run, marker, found } = startRun()
    await execute(
      run,
      `import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
       import { rm } from 'node:fs/promises'
       mkdirSync('one')
       writeFileSync('one/portolan.db', '${marker}')
       writeFileSync('one/keycloak.mv.db', '${marker}')
       writeFileSync('broker.log', '${marker}')
       rmSync('one', { recursive: true })
       await rm('broker.log')`,
    )
    expect(found()).toEqual([
      'the marker (plain) in the database of what was left behind (N-N-portolan.db)',
      'the marker (plain) in the log of what was left behind (N-N-broker.log)',
    ])
  })

  it('makes secrets that carry the marker', async () => {
    const { run, marker } = startRun()
    const made = await execute(
      run,
      `import { randomBytes } from 'node:crypto'; process.stdout.write(randomBytes(24).toString('base64url'))`,
    )
    expect(findLeaks(Buffer.from(made), needlesOf(marker))).toMatchObject([{ what: 'the marker (base64)' }])
  })
})

it('what holds no secret is not found', async () => {
  const { run, found } = startRun()
  const broker = await start(run, 'apps/broker/src/main.ts', ['--port', '0'])
  await ask(`${broker.url}/ga4gh/tes/v1/tasks/none`)
  await endProgram(broker, 'SIGTERM')
  expect(found()).toEqual([])
})
