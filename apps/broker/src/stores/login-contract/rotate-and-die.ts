/**
 * A process for crash tests: leaves one of everything in the store of the folder that it is given, exchanges a refresh token, and kills itself
 * as soon as that is durable, before anybody could be answered.
 */
import { join } from 'node:path'
import { SYSTEM } from '../../auth/principal.ts'
import { ADA, NOW } from '../contract/builders.ts'
import { openKeyRing } from '../key-ring.ts'
import { openSqliteStore } from '../sqlite-store.ts'
import { createToken, hashOf, logIn, MINUTE, personOf, rotate, startDevice, startFamily, startLogin, startSession } from './builders.ts'

const [dir] = process.argv.slice(2)
if (dir === undefined) throw new Error('usage: rotate-and-die.ts FOLDER')
const { login } = await openSqliteStore({ path: join(dir, 'portolan.db'), keys: await openKeyRing(join(dir, 'keys')) })
await logIn(login)
await login.execute({ kind: 'recordLogin', principal: ADA, claimsText: '{}', upstreamRefresh: 'up', client: 'browser', now: NOW })
await login.execute({ kind: 'claimUpstream', principal: SYSTEM, person: personOf(ADA), claim: 'dead', ttlMs: MINUTE, now: NOW })
await createToken(login, 't')
await startSession(login, 's')
await startLogin(login)
await startDevice(login)
await login.execute({ kind: 'approveDevice', principal: ADA, userHash: hashOf('d user'), scopes: ['read'], now: NOW })
await startFamily(login)
await rotate(login, 'f 1', 'lost')
process.kill(process.pid, 'SIGKILL')
