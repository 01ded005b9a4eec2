/**
 * Asks one declared origin once by the guarded agents alone, in a process of its own whose environment a test has chosen, and says what came of it.
 */
import { once } from 'node:events'
import https from 'node:https'
import process from 'node:process'
import { createGuardedAgents } from './guarded-agents.ts'

const [origin = ''] = process.argv.slice(2)
const timeouts = { lookupMs: 5_000, connectMs: 5_000, tlsMs: 5_000 }
const agents = createGuardedAgents({ declaredOrigins: new Set([origin]), timeouts, maxSockets: 1 })
const request = https.request(`${origin}/`, { method: 'POST', agent: agents.https })
request.end('{}')
const said = await once(request, 'response').then(
  () => 'answered',
  (error: unknown) => String(error),
)
agents.destroy()
process.stdout.write(said)
