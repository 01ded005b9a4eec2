/**
 * The command that fetches results is killed in the middle, twice, while their bytes pass through a broker that is a process of its own. Files of 1 GiB,
 * also by links: `pnpm bench --only fetch`.
 */
import { expect, it, vi } from 'vitest'
import { TEST_TIMEOUT_MS } from './fake-federation.ts'
import { openFetchWorld } from './fetch-cut.ts'

vi.setConfig({ testTimeout: TEST_TIMEOUT_MS })

const MIB = 2 ** 20

it('results that are fetched by a command that is killed twice are right in the end, and no part that was safe comes again', async () => {
  await using world = await openFetchWorld(64 * MIB)
  const fetched = await world.fetch('relay', { parallel: 1, cutAfter: [2, 1] })
  expect(fetched).toMatchObject({ isRight: true, checked: 'md5', parts: 4, askedInVain: [0, 0] })
  expect(fetched.keptAtCuts[0]).toBeGreaterThan(0)
  // At each cut one part was on its way, and one may have come and was not noted.
  expect(fetched.asked).toBeLessThanOrEqual(4 + 2 * 2)
})
