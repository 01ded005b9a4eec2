import { hostname } from 'node:os'
import { ApiError, bearer } from '@portolan/ga4gh'
import { Command, Option } from 'commander'
import * as z from 'zod/mini'
import { Scopes, scopeOption } from '../account-options.ts'
import { createBrokerClient } from '../broker-client.ts'
import { travelsInClear } from '../clear-text.ts'
import { EXIT } from '../exit-codes.ts'
import { Failure } from '../failure.ts'
import { makeFolder, readLogin, writeLogin } from '../login/credential-file.ts'
import { toStoredLogin } from '../login/keep-login.ts'
import { lockCredentials } from '../login/lock.ts'
import { type DeviceLogin, pollDeviceLogin, revoke, startDeviceLogin, type Tokens } from '../login/login-client.ts'
import { type LoginPlace, openLoginPlace } from '../login/login-place.ts'
import { openBrowser } from '../login/open-browser.ts'
import type { Session } from '../session.ts'
import { describeMe } from '../show-me.ts'
import { showMoment } from '../show-task.ts'
import type { MakeCommand } from './command.ts'

const Options = z.object({ issuer: z.optional(z.string()), browser: z.boolean(), scope: Scopes })

/** What the page shows of this device; a broker takes no longer name and no other characters. */
const CLIENT_ID = `portolan cli (${hostname()
  .replace(/[^A-Za-z0-9._-]/g, '-')
  .slice(0, 60)})`

export const makeLogin: MakeCommand = run => {
  const command = new Command('login')
    .description('Log in at a broker, in a browser on this or any other machine. This and later commands then ask as you.')
    .addOption(new Option('--issuer <id>', 'log in there, where the broker has several logins'))
    .addOption(new Option('--no-browser', 'show the address, and open no browser'))
    .addOption(scopeOption('what this machine may (default: read and write)'))
    .action(() =>
      run(command, async session => {
        const { issuer, browser, scope } = Options.parse(command.opts())
        await using place = openLoginPlace(session)
        refuseClearText(place.root)
        await makeFolder(place.path)
        await readLogin(place.path, place.root)
        const server = { ...place.server, clientId: CLIENT_ID }
        const begun = await startDeviceLogin(server, scope).catch(sayNoLogin(place.root))
        const page = pageOf(begun, issuer)
        show(session, begun, page)
        const isElsewhere = new URL(page).origin !== place.origin
        if (isElsewhere) session.output.note(`That page lies elsewhere than ${place.origin}: open it only if you know its address.`)
        if (browser && session.output.live && !isElsewhere) openBrowser(page, session.env)
        const ended = await pollDeviceLogin(server, begun)
        if (ended.outcome === 'refused') throw new Failure(ended.says, { exitCode: EXIT.denied, fix: 'Begin again with portolan login.' })
        await keep(place, ended.tokens)
        await tell(session, place, ended.tokens)
        return EXIT.done
      }),
    )
  return command
}

/** No broker that people log in at has such an address: it demands https in its own configuration. */
function refuseClearText(root: string): void {
  if (!travelsInClear(new URL(root))) return
  throw new Failure(`${root} is plain http: your tokens could be read on the way`, {
    fix: 'Give the https address of the broker as --url; plain http is for a broker on this machine, such as http://127.0.0.1:8080.',
  })
}

/** A server that is no broker, or a broker in open mode, has no such route. */
function sayNoLogin(root: string): (error: unknown) => never {
  return error => {
    if (!(error instanceof ApiError) || error.code !== 'not_found') throw error
    throw new Failure(`${root} has no login: ${error.message}`, {
      exitCode: EXIT.notOffered,
      fix: 'Check --url. A broker in open mode needs no login, and other servers take a token by --token-ref.',
      cause: error,
    })
  }
}

/** The page where the person approves; by way of the login that is asked for. */
function pageOf({ verificationUriComplete }: DeviceLogin, issuer: string | undefined): string {
  const url = URL.parse(verificationUriComplete)
  if (url === null || !/^https?:$/.test(url.protocol)) {
    throw new Failure('The broker names a page that is no http or https address', { exitCode: EXIT.failed, fix: 'Tell its operator.' })
  }
  if (issuer === undefined) return url.href
  const login = new URL('login', url)
  login.search = new URLSearchParams({ issuer, return_to: `/app/device${url.search}` }).toString()
  return login.href
}

function show({ output }: Session, { userCode, expiresAt }: DeviceLogin, page: string): void {
  if (output.json) output.record({ page, userCode, expiresAt: showMoment(expiresAt) })
  else
    output.print([
      ['Open ', { text: page, style: 'bold' }],
      [`and approve the code `, { text: userCode, style: 'bold' }, ', if it is the one that you see there.'],
    ])
}

/** Stores the login. The one that was there before ends at the broker: nobody has it any more. */
async function keep({ path, root, server }: LoginPlace, tokens: Tokens): Promise<void> {
  using _lock = await lockCredentials(path, server.signal)
  const before = await readLogin(path, root)
  await writeLogin(path, root, toStoredLogin(root, CLIENT_ID, tokens))
  if (before) await revoke({ ...server, clientId: before.clientId }, before.refreshToken).catch(passOverApiError)
}

/** It ends by itself, later. */
function passOverApiError(error: unknown): void {
  if (!(error instanceof ApiError)) throw error
}

async function tell({ output, signal }: Session, { root, server }: LoginPlace, tokens: Tokens): Promise<void> {
  const me = await createBrokerClient(new URL(root), { ...server, auth: bearer(tokens.accessToken) }, signal).getMe()
  if (output.json) return output.record({ server: root, scopes: tokens.scopes, me })
  output.print([[`Logged in at ${root}`], ...describeMe(me)])
}
