import { ApiError } from '@portolan/ga4gh'
import { Command } from 'commander'
import { EXIT } from '../exit-codes.ts'
import { describeFailure, Failure } from '../failure.ts'
import { makeFolder, readLogin, writeLogin } from '../login/credential-file.ts'
import { lockCredentials } from '../login/lock.ts'
import { revoke } from '../login/login-client.ts'
import { type LoginPlace, openLoginPlace } from '../login/login-place.ts'
import type { MakeCommand } from './command.ts'

export const makeLogout: MakeCommand = run => {
  const command = new Command('logout').description('Log this machine out at a broker, and forget what was kept of it.').action(() =>
    run(command, async session => {
      const { output, env } = session
      await using place = openLoginPlace(session)
      const ended = await forget(place)
      if (output.json) output.document({ server: place.root, ended })
      else output.print([[ended ? `Logged out at ${place.root}` : `Nobody is logged in at ${place.root} here`]])
      if (env.PORTOLAN_TOKEN) output.note('The token in PORTOLAN_TOKEN stays as it is, and commands go on with it.')
      return EXIT.done
    }),
  )
  return command
}

/** Forgets first: whatever the broker says, this machine has no login any more. */
async function forget({ path, root, server }: LoginPlace): Promise<boolean> {
  await makeFolder(path)
  using _lock = await lockCredentials(path, server.signal)
  const login = await readLogin(path, root)
  if (login === undefined) return false
  await writeLogin(path, root, undefined)
  try {
    await revoke({ ...server, clientId: login.clientId }, login.refreshToken)
  } catch (cause) {
    if (!(cause instanceof ApiError)) throw cause
    const { exitCode, message } = describeFailure(cause)
    throw new Failure(`Nothing is kept here any more, but the broker was not told: ${message}`, {
      exitCode,
      fix: 'End the login there with portolan logins end, by another login or in the browser.',
      cause,
    })
  }
  return true
}
