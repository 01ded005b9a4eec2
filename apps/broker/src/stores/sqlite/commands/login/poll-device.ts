/**
 * `pollDevice`: a device asks how its flow stands. The rule stands in `decidePoll`; the one writer takes polls one after the other, so an
 * approved flow is used by one of them.
 */
import { decidePoll } from '../../../login-rules/decide-poll.ts'
import { DEVICE_COLUMNS, toDevice } from '../../read-login-rows.ts'
import { param, params, prepare, query } from '../../statement.ts'
import type { CommandContext } from '../context.ts'
import type { RunLogin } from './login-commands.ts'

export function preparePollDevice({ db, keys }: CommandContext): RunLogin<'pollDevice'> {
  const find = prepare(
    db,
    query.selectFrom('device_flows').select(DEVICE_COLUMNS).where('device_hash', '=', param('device_hash')).compile(),
  )
  const wait = prepare(
    db,
    query.updateTable('device_flows').set(params('interval_ms', 'poll_after_at')).where('id', '=', param('id')).compile(),
  )
  const use = prepare(db, query.updateTable('device_flows').set({ state: 'used', user_hash: null }).where('id', '=', param('id')).compile())
  return ({ deviceHash, client, now }) => {
    const row = find.get({ device_hash: deviceHash })
    if (!row) return { outcome: 'notFound' }
    const flow = toDevice(keys, row)
    if (flow.client !== client) return { outcome: 'notFound' }
    const { state, expiresAt, person } = flow
    const decision = decidePoll({ now, state, expiresAt, intervalMs: row.interval_ms, pollAfterAt: row.poll_after_at })
    switch (decision.action) {
      case 'refuse':
        return { outcome: decision.outcome }
      case 'tell':
        return { outcome: decision.outcome, intervalMs: decision.intervalMs }
      case 'wait':
        wait.run({ id: flow.id, interval_ms: decision.intervalMs, poll_after_at: decision.pollAfterAt })
        return { outcome: decision.outcome, intervalMs: decision.intervalMs }
      case 'use':
        if (!person) throw new Error(`the device flow ${flow.id} is approved by nobody`)
        use.run({ id: flow.id })
        return { outcome: 'approved', flow: { ...flow, state: 'used', person } }
    }
  }
}
