/**
 * What a run of tests says of a guard that was turned off, by the report that vitest writes. Pure.
 */
import * as z from 'zod/mini'
import { threatsOf } from './threat-titles.ts'

const Report = z.object({
  testResults: z.array(
    z.object({
      message: z.optional(z.string()),
      assertionResults: z.array(
        z.object({
          ancestorTitles: z.array(z.string()),
          title: z.string(),
          status: z.string(),
          failureMessages: z.nullish(z.array(z.string())),
        }),
      ),
    }),
  ),
})

export type RunVerdict =
  /** A test of the threat failed by an assertion. */
  | { readonly outcome: 'noticed'; readonly by: string }
  /** All tests passed, or only tests of other threats failed. */
  | { readonly outcome: 'unnoticed'; readonly says: string }
  /** It failed, but otherwise than by an assertion in a test of the threat. */
  | { readonly outcome: 'broken'; readonly says: string }

/** An assertion of vitest, also one within a property of fast-check. */
const ASSERTION = /AssertionError|Property failed after/
const SHOWN = 500

/** `report`: the JSON of vitest's reporter; undefined if it wrote none. */
export function judgeRun(report: unknown, threats: readonly string[]): RunVerdict {
  const parsed = Report.safeParse(report)
  if (!parsed.success) return { outcome: 'broken', says: 'the tests left no report' }
  const { testResults } = parsed.data
  const failed = testResults.flatMap(({ assertionResults }) => assertionResults.filter(({ status }) => status === 'failed'))
  const own = failed.filter(({ ancestorTitles, title }) =>
    [...ancestorTitles, title].some(one => threatsOf(one).some(id => threats.includes(id))),
  )
  const noticed = own.find(({ failureMessages }) => failureMessages?.some(message => ASSERTION.test(message)))
  if (noticed) return { outcome: 'noticed', by: [...noticed.ancestorTitles, noticed.title].join(' › ') }
  const [other] = own
  if (other) return { outcome: 'broken', says: `${other.title}: ${other.failureMessages?.join('\n').slice(0, SHOWN) ?? ''}` }
  const unloaded = testResults.find(({ assertionResults, message }) => assertionResults.length === 0 && message)
  if (unloaded) return { outcome: 'broken', says: unloaded.message?.slice(0, SHOWN) ?? '' }
  return { outcome: 'unnoticed', says: failed.length === 0 ? 'no test failed' : `only tests of other threats failed: ${failed[0]?.title}` }
}
