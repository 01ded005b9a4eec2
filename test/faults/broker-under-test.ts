/**
 * The broker as the harness of kills starts it: what the command `broker` starts, with switches that production has no way to set.
 */
import { flushCompileCache } from 'node:module'
import process from 'node:process'
import { parseArgs } from 'node:util'
import { startBroker } from '../../apps/broker/src/broker.ts'
import { formatProblem, loadConfig } from '../../apps/broker/src/config.ts'

const { values } = parseArgs({
  options: {
    config: { type: 'string' },
    'lease-ttl-ms': { type: 'string', default: '15000' },
    'commit-delay-ms': { type: 'string', default: '0' },
    'killed-after': { type: 'string' },
    'clock-at': { type: 'string' },
    'answer-before-commit': { type: 'boolean', default: false },
    'intent-after-post': { type: 'boolean', default: false },
    'resend-without-looking': { type: 'boolean', default: false },
  },
})

const loaded = await loadConfig({ file: values.config, env: process.env, cwd: process.cwd() })
if (loaded.kind === 'problems') throw new Error(loaded.problems.map(formatProblem).join('\n'))
const ended = new Promise<void>(resolve => {
  process.once('SIGTERM', () => resolve())
})
const clockAt = values['clock-at'] === undefined ? undefined : Number(values['clock-at']) - performance.now()
const broker = await startBroker(loaded, {
  now: clockAt === undefined ? Date.now : () => Math.floor(clockAt + performance.now()),
  leaseTtlMs: Number(values['lease-ttl-ms']),
  faults: { intentAfterPost: values['intent-after-post'], resendWithoutLooking: values['resend-without-looking'] },
  storeSwitches: {
    commitDelayMs: Number(values['commit-delay-ms']),
    answerBeforeCommit: values['answer-before-commit'],
    killedAfter: values['killed-after'],
  },
})
process.stdout.write(`portolan listening on ${broker.url}\n`)
// A process that is killed leaves no compiled code behind for the next one, unless it is written before.
flushCompileCache()
await ended
await broker.stop()
