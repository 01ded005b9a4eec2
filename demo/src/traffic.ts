/**
 * The proof from the access logs of the stores, be they data servers or buckets: which bytes went from which site to which, inputs and results alike,
 * and which to people. Every line counts: one that has no place in the demo's world is told.
 */
import { readFileSync } from 'node:fs'
import * as z from 'zod'
import { type DemoTask, resultPath } from './tasks.ts'
import { BROKER, FILES, folderOf, LINKED, SITE_FACTS, SITES, type SiteName } from './world.ts'

/** A line of an access log, as far as the proof needs it. */
const Line = z.object({
  reader: z.optional(z.string()),
  method: z.string(),
  /** `/` alone is a list of a bucket. */
  path: z.string(),
  status: z.number(),
  bytes: z.number(),
  /** By a link, which whoever has it can use. */
  presigned: z.optional(z.boolean()),
})
export type AccessLine = z.infer<typeof Line>

export interface Access extends AccessLine {
  readonly holder: SiteName
}

/** All lines of the logs of all stores. */
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

/** A result on its way to its people. */
export interface Fetch {
  readonly task: string
  readonly from: SiteName
  readonly bytes: number
}

export interface Traffic {
  readonly flows: readonly Flow[]
  readonly fetches: readonly Fetch[]
  /** Accesses that nothing in the demo's world explains; there must be none. */
  readonly strangers: readonly string[]
}

/**
 * What flowed: inputs that sites read, and results that they stored. The broker may ask how large an input or a result is, and by its key a result goes
 * to people: through the broker, or by a link that it has made for them. In S3 it makes links to inputs, too, for one site.
 */
export function sortAccesses(accesses: readonly Access[], tasks: readonly DemoTask[]): Traffic {
  const flows: Flow[] = []
  const fetches: Fetch[] = []
  const strangers: string[] = []
  for (const access of accesses) {
    const { reader, method, path, status, bytes, holder } = access
    const input = FILES.find(({ name }) => path === `/${folderOf(name)}/${name}`)
    const result = tasks.find(task => path === `/${resultPath(task)}`)
    const site = findReader(access)
    const isDone = status >= 200 && status < 300
    const ofBroker = isDone && reader === BROKER
    const isSizeAsked = ofBroker && bytes === 0 && (method === 'HEAD' ? (input ?? result) : method === 'GET' && path === '/')
    if (isDone && site && input && method === 'GET') flows.push({ what: 'input', name: input.name, from: holder, to: site, bytes })
    else if (isDone && site && result && method === 'PUT')
      flows.push({ what: 'result', name: `${result.name}.tsv`, from: site, to: holder, bytes })
    else if (ofBroker && result && method === 'GET') fetches.push({ task: result.name, from: holder, bytes })
    else if (!isSizeAsked)
      strangers.push(`${holder} answered ${status} and ${bytes} bytes to ${method} ${path} of ${reader ?? 'nobody known'}`)
  }
  return { flows, fetches, strangers }
}

/** The site that reads or writes there, by a key of its own or by a link. */
function findReader({ reader, presigned }: Access): SiteName | undefined {
  return reader === BROKER && presigned ? LINKED : SITES.find(name => name === reader)
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
