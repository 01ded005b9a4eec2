/**
 * `verifyEvents`: walks the chain of sequenced events from its start, in steps, with a turn of the event loop between two.
 */
import { setImmediate as nextTurn } from 'node:timers/promises'
import type { Principal } from '../../../auth/principal.ts'
import { CHAIN_START, walkChain } from '../../event-chain.ts'
import type { ChainReport } from '../../store.ts'
import { param, prepare, query } from '../statement.ts'
import { demandBroker, type ReadContext } from './context.ts'

const STEP_ROWS = 1_000

export interface VerifyEvents {
  verifyEvents(principal: Principal): Promise<ChainReport>
}

export function prepareVerifyEvents({ db }: ReadContext): VerifyEvents {
  const behind = prepare(
    db,
    query
      .selectFrom('events')
      .select(['at', 'kind', 'work_id', 'attempt_id', 'site', 'project', 'actor', 'owner', 'detail_digest', 'detail', 'number', 'hash'])
      .where('number', '>', param('number'))
      .orderBy('number')
      .limit(STEP_ROWS)
      .compile(),
  )
  return {
    async verifyEvents(principal) {
      demandBroker(principal)
      let end = { number: 0, hash: CHAIN_START }
      for (;;) {
        const rows = behind.all({ number: end.number }).map(row => ({ ...row, number: row.number ?? 0 }))
        if (rows.length === 0) return { verified: end.number, head: end.hash }
        const walked = walkChain(end, rows)
        end = walked.end
        if (walked.brokenAt !== undefined) return { verified: end.number, head: end.hash, brokenAt: walked.brokenAt }
        await nextTurn()
      }
    },
  }
}
