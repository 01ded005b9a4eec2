/**
 * The proof from the data servers' own access logs: which bytes went from which site to which, inputs and results alike. Every line counts: one
 * that has no place in the demo's world is told.
 */
import { readFileSync } from 'node:fs'
import * as z from 'zod'
import { type DemoTask, resultPath } from './tasks.ts'
import { FILES, folderOf, SITE_FACTS, SITES, type SiteName } from './world.ts'

/** A line of a data server's access log, as far as the proof needs it. */
const Line = z.object({ reader: z.optional(z.string()), method: z.string(), path: z.string(), status: z.number(), bytes: z.number() })

export interface Access extends z.infer<typeof Line> {
  readonly holder: SiteName
}

/** All lines of the logs of all data servers. */
export function readAccessLogs(logFile: (site: SiteName) => string): readonly Access[] {
  return SITES.flatMap(holder =>
    readFileSync(logFile(holder), 'utf8')
      .split('\n')
      .filter(line => line !== '')
      .map(line => ({ ...Line.parse(JSON.parse(line)), holder })),
  )
}

/** A file on its way. If both ends are one site, it never left that site's disk. */
export interface Flow {
  readonly what: 'input' | 'result'
  readonly name: string
  readonly from: SiteName
  readonly to: SiteName
  readonly bytes: number
}

export interface Traffic {
  readonly flows: readonly Flow[]
  /** Accesses that nothing in the demo's world explains; there must be none. */
  readonly strangers: readonly string[]
}

/**
 * What flowed: inputs that sites read, and results that they stored. The broker may ask how large an input or a result is, and the person who
 * submitted the tasks may read the results.
 */
export function sortAccesses(accesses: readonly Access[], tasks: readonly DemoTask[]): Traffic {
  const flows: Flow[] = []
  const strangers: string[] = []
  for (const access of accesses) {
    const { reader, method, path, status, bytes, holder } = access
    const site = SITES.find(name => name === reader)
    const input = FILES.find(({ name }) => path === `/${folderOf(name)}/${name}`)
    const result = tasks.find(task => path === `/${resultPath(task)}`)
    const isDone = status >= 200 && status < 300
    const isSizeAsked = (input ?? result) && reader === 'broker' && method === 'HEAD' && bytes === 0
    const isFetched = result && reader === 'person' && method === 'GET'
    if (isDone && site && input && method === 'GET') flows.push({ what: 'input', name: input.name, from: holder, to: site, bytes })
    else if (isDone && site && result && method === 'PUT')
      flows.push({ what: 'result', name: `${result.name}.tsv`, from: site, to: holder, bytes })
    else if (!isDone || !(isSizeAsked || isFetched))
      strangers.push(`${holder} answered ${status} and ${bytes} bytes to ${method} ${path} of ${reader ?? 'nobody known'}`)
  }
  return { flows, strangers }
}

/** One flow for each file and way, with the bytes of all that went there. */
export function addUp(flows: readonly Flow[]): ReadonlyMap<string, Flow> {
  const sums = new Map<string, Flow>()
  for (const flow of flows) {
    const key = keyOf(flow)
    sums.set(key, { ...flow, bytes: flow.bytes + (sums.get(key)?.bytes ?? 0) })
  }
  return new Map([...sums].sort(([a], [b]) => (a < b ? -1 : 1)))
}

function keyOf({ what, name, from, to }: Flow): string {
  return from === to ? `the ${what} ${name} at ${from}` : `the ${what} ${name} from ${from} to ${to}`
}

/** The countries at both ends, `DE to NL`; undefined within one country. */
export function borderOf({ from, to }: Flow): string | undefined {
  const [source, target] = [SITE_FACTS[from].country, SITE_FACTS[to].country]
  return source === target ? undefined : `${source} to ${target}`
}

export interface Crossing {
  readonly input: number
  readonly result: number
}

/** Bytes that crossed each border, in each direction. */
export function sumCrossings(flows: readonly Flow[]): ReadonlyMap<string, Crossing> {
  const countries = [...new Set(SITES.map(site => SITE_FACTS[site].country))]
  const directions = countries.flatMap(source => countries.filter(target => target !== source).map(target => `${source} to ${target}`))
  const sum = (border: string, what: Flow['what']): number =>
    flows.filter(flow => flow.what === what && borderOf(flow) === border).reduce((total, { bytes }) => total + bytes, 0)
  return new Map(directions.map(border => [border, { input: sum(border, 'input'), result: sum(border, 'result') }]))
}
