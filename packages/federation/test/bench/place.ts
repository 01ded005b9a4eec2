/**
 * Measures `place()`: 10 inputs with 3 replicas each, a fifth of the sites denied, all reasons built. Prints median and 95th percentile in
 * microseconds for 50 and 5,000 sites, one line of JSON each. Every result is serialised, and every tenth compared, outside the timing.
 * Run with `node packages/federation/test/bench/place.ts`.
 */
import { compileSnapshot, place, type Snapshot, type Work } from '../../src/index.ts'
import { buildInput, buildLocation, buildPrefix, buildSite, buildSnapshot, buildStatus, buildWork, locationId } from '../build.ts'

const LOCATIONS = 12
const COMPARE_EVERY = 10

function makeSnapshot(count: number): Snapshot {
  const sites = Array.from({ length: count }, (_, i) => ({
    site: buildSite(`site-${i}`, {
      place: { country: i % 5 === 0 ? 'US' : 'DE' },
      holds: i < LOCATIONS ? [locationId(`store-${i}`)] : [],
      network: { defaultMbps: 100 + (i % 7) * 100, from: { [locationId(`store-${i % LOCATIONS}`)]: 1000 } },
      policy: { images: { allow: ['quay.io/biocontainers/*'], digest: 'required' }, outputs: { allow: ['s3://store-0/'] } },
    }),
    status: buildStatus({ waitMs: (i * 7919) % 60_000, dispatchedSince: i % 3, failuresMilli: (i % 11) * 100, attemptsMilli: 20_000 }),
  }))
  const locations = Array.from({ length: LOCATIONS }, (_, i) =>
    buildLocation(`store-${i}`, { prefixes: [buildPrefix(`s3://store-${i}/`, { outputs: true, residency: ['DE', 'NL'] })] }),
  )
  return buildSnapshot(sites, { locations })
}

function makeWork(round: number): Work {
  const inputs = Array.from({ length: 10 }, (_, i) => {
    const at = [0, 1, 2].map(step => `store-${(i + step * 4 + round) % LOCATIONS}`)
    return buildInput(`runs/2026/sample-${i}/reads_${round}.fastq.gz`, at, { bytes: 1_000_000_000 + i })
  })
  return buildWork({ id: `w${round}` as Work['id'], inputs, outputs: [{ url: 's3://store-0/out/', path: '/out' }] })
}

interface Measured {
  readonly sites: number
  readonly denied: number
  readonly medianUs: number
  readonly p95Us: number
  /** Compiling the snapshot, which is done once for many works. */
  readonly compileUs: number
}

/** Throws if a decision is not, to the byte, what `place()` answers when it is asked again with the snapshot as it came. */
function measure(count: number, rounds: number): Measured {
  const snapshot = makeSnapshot(count)
  const compileStart = process.hrtime.bigint()
  const compiled = compileSnapshot(snapshot)
  const compileUs = Number(process.hrtime.bigint() - compileStart) / 1000
  const times: number[] = []
  let denied = 0
  for (let round = 0; round < rounds; round++) {
    const work = makeWork(round)
    const start = process.hrtime.bigint()
    const decision = place(compiled, work)
    times.push(Number(process.hrtime.bigint() - start) / 1000)
    denied = decision.sites.filter(site => site.reasons.length > 0).length
    const text = JSON.stringify(decision)
    if (round % COMPARE_EVERY === 0 && text !== JSON.stringify(place(snapshot, work))) throw new Error('two answers to one question')
  }
  times.sort((a, b) => a - b)
  const at = (share: number): number => times[Math.floor(times.length * share)] ?? 0
  return { sites: count, denied, medianUs: at(0.5), p95Us: at(0.95), compileUs }
}

console.log(JSON.stringify(measure(50, 5000)))
console.log(JSON.stringify(measure(5000, 100)))
