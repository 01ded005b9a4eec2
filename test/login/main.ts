/**
 * The stand-in as a process of its own: reads its settings as JSON from standard input, prints its issuer, and obeys the process that started
 * it for as long as that one lives. Started by hand it runs until a signal ends it.
 */
import process from 'node:process'
import { text } from 'node:stream/consumers'
import { Order, type Reply } from './control.ts'
import { startLoginServer } from './login-server.ts'
import { Settings } from './settings.ts'

silenceNotices()
// Before anything else, so that no end of the parent is missed.
const asked = new Promise<void>(resolve => {
  for (const event of ['SIGINT', 'SIGTERM', 'disconnect'] as const) process.once(event, () => resolve())
})
const server = await startLoginServer(Settings.parse(JSON.parse(await text(process.stdin))))

process.on('message', message => {
  void answer(message)
})
process.stdout.write(`login listening on ${server.issuer}\n`)
await asked
await server.stop()
if (process.connected) process.disconnect()

async function answer(message: unknown): Promise<void> {
  const { number, command } = Order.parse(message)
  const reply: Reply = await server.obey(command).then(
    said => ({ number, answer: said ?? null }),
    (error: unknown) => ({ number, problem: error instanceof Error ? error.message : String(error) }),
  )
  process.send?.(reply)
}

/** The provider warns of what production should not do, such as a form that was read before. Here it is meant. */
function silenceNotices(): void {
  const { warn } = console
  console.warn = (...args: unknown[]) => {
    if (!String(args[0]).includes('oidc-provider WARNING')) warn(...args)
  }
}
