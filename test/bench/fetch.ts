/**
 * Results of 1 GiB, fetched by the command line by links and through the broker, while the command is killed twice.
 */
import { DELIVERIES, openFetchWorld } from '../faults/fetch-cut.ts'
import { type BenchRow, makeRow } from './row.ts'

const BYTES = 2 ** 30
/** Of the 64 parts so many come before each cut. */
const PLAN = { parallel: 4, cutAfter: [20, 20] }
/** Of the parts that were safe on the disk. */
const MOST_AGAIN = 0
const MOST_MB = 50

export const FETCH_IDS = DELIVERIES.flatMap(delivery => [
  ...[`fetch-${delivery}-seconds`, `fetch-${delivery}-right`, `fetch-${delivery}-again`],
  ...[`fetch-${delivery}-cut`, `fetch-${delivery}-memory-mb`, `fetch-${delivery}-grown-mb`, `fetch-${delivery}-resident-mb`],
])

/** Once: what is measured takes long enough to be even. */
export async function benchFetch(): Promise<BenchRow[]> {
  await using world = await openFetchWorld(BYTES)
  const rows: BenchRow[] = []
  for (const delivery of DELIVERIES) {
    const { seconds, isRight, askedInVain, asked, parts, heldMb, grownMb, residentMb } = await world.fetch(delivery, PLAN)
    rows.push(
      makeRow({ id: `fetch-${delivery}-seconds`, unit: 's', bar: null, good: 'below', samples: [seconds] }),
      makeRow({ id: `fetch-${delivery}-right`, unit: 'files', bar: 1, good: 'atLeast', samples: [isRight ? 1 : 0] }),
      makeRow({ id: `fetch-${delivery}-again`, unit: 'parts', bar: MOST_AGAIN, good: 'atMost', samples: [sumOf(askedInVain)] }),
      makeRow({ id: `fetch-${delivery}-cut`, unit: 'parts', bar: 2 * PLAN.parallel, good: 'atMost', samples: [asked - parts] }),
      makeRow({ id: `fetch-${delivery}-memory-mb`, unit: 'MB', bar: MOST_MB, good: 'below', samples: [heldMb] }),
      makeRow({ id: `fetch-${delivery}-grown-mb`, unit: 'MB', bar: null, good: 'below', samples: [grownMb] }),
      makeRow({ id: `fetch-${delivery}-resident-mb`, unit: 'MB', bar: MOST_MB, good: 'below', samples: [residentMb] }),
    )
  }
  return rows
}

function sumOf(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0)
}
