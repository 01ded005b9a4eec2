import { stat } from 'node:fs/promises'
import { join } from 'node:path'
import { KEY_PURPOSES, KeyFileError, type KeyPurpose, rotateKey } from '@portolan/broker/keys'
import { Argument, Command, Option } from 'commander'
import * as z from 'zod/mini'
import { EXIT } from '../exit-codes.ts'
import { Failure } from '../failure.ts'
import type { Session } from '../session.ts'
import type { MakeCommand } from './command.ts'

const COUNTS: Readonly<Partial<Record<KeyPurpose, string>>> & { readonly other: string } = {
  tokens: 'it is published within a minute and signs a quarter of an hour later',
  other: 'it counts from the next start of the broker on',
}

const Options = z.object({ config: z.optional(z.string()) })

export const makeKeys: MakeCommand = run => {
  const rotate = new Command('rotate')
    .description(
      'Make a new key, which the broker writes with from its next start on, or soon for tokens. The older ones stay, to read what they wrote.',
    )
    .addArgument(new Argument('<purpose>', 'what the key is for').choices(KEY_PURPOSES))
    .addOption(new Option('--config <file>', 'configuration of the broker, which names the folder of the keys (default: PORTOLAN_CONFIG)'))
    .action((purpose: KeyPurpose) =>
      run(rotate, async session => {
        const { config } = Options.parse(rotate.opts())
        const dir = await findKeyFolder(config, session)
        await checkOwner(join(dir, `${purpose}.json`))
        const key = await rotateKey(dir, purpose).catch((error: unknown) => {
          throw error instanceof KeyFileError ? new Failure(error.message, { exitCode: EXIT.failed, cause: error }) : error
        })
        if (session.output.json) session.output.document({ purpose, key, dir })
        else session.output.print([[`${purpose}: new key ${key} in ${dir}; ${COUNTS[purpose] ?? COUNTS.other}`]])
        return EXIT.done
      }),
    )
  return new Command('keys').description('Keep the keys of a broker.').addCommand(rotate)
}

async function findKeyFolder(file: string | undefined, { env, cwd }: Session): Promise<string> {
  const { loadConfig } = await import('@portolan/broker/config')
  const loaded = await loadConfig({ file, env, cwd })
  if (loaded.kind === 'config') return loaded.keys.dir
  const problems = loaded.problems.map(({ file: where, path, message, fix }) => ({ path: `${where}: ${path}`, message, fix }))
  throw new Failure('The configuration has mistakes, and no key was made', { fix: 'See portolan config check.', problems })
}

/** The new file belongs to who makes it, and the broker must be able to read it. */
async function checkOwner(path: string): Promise<void> {
  const found = await stat(path).catch((cause: unknown) => {
    const code = cause instanceof Error && 'code' in cause ? String(cause.code) : String(cause)
    throw new Failure(`${path} cannot be read (${code})`, { exitCode: EXIT.failed, fix: 'The broker makes it at its first start.', cause })
  })
  if (process.getuid === undefined || found.uid === process.getuid()) return
  throw new Failure(`${path} belongs to user ${found.uid}, who runs the broker`, { fix: 'Run this command as that user.' })
}
