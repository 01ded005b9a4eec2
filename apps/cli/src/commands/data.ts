import { stat } from 'node:fs/promises'
import { basename, resolve } from 'node:path'
import { formatBytes } from '@portolan/federation'
import { ApiError } from '@portolan/ga4gh'
import { Command, Option } from 'commander'
import PQueue from 'p-queue'
import * as z from 'zod/mini'
import { rootOf } from '../broker-client.ts'
import { EXIT, type ExitCode } from '../exit-codes.ts'
import { describeFailure, describeLines, Failure } from '../failure.ts'
import type { Session } from '../session.ts'
import { Flag } from '../settings.ts'
import { parallelOption } from '../transfer/parallel-option.ts'
import { showProgress } from '../transfer/progress.ts'
import { type UploadPorts, uploadFile } from '../transfer/upload.ts'
import type { MakeCommand } from './command.ts'

const Options = z.object({ project: z.optional(z.string()), as: z.optional(z.string()), replace: Flag, parallel: z.number() })
type Options = z.infer<typeof Options>

export const makeData: MakeCommand = run => {
  const put = new Command('put')
    .description('Send files into a project, as inputs of its tasks; what was cut off goes on.')
    .argument('<file...>')
    .addOption(new Option('--project <id>', 'where one is in several'))
    .addOption(
      new Option('--as <name>', 'name in your folder; of several files a folder, with a slash at its end (default: that of the file)'),
    )
    .addOption(new Option('--replace', 'what has the same name there gives way'))
    .addOption(parallelOption())
    .action((files: readonly string[]) => run(put, async session => await putFiles(session, files, Options.parse(put.opts()))))
  return new Command('data').description('Inputs of your own.').addCommand(put)
}

async function putFiles(session: Session, files: readonly string[], { project, as, replace, parallel }: Options): Promise<ExitCode> {
  const { output, signal, cwd } = session
  const named = nameEach(files, as)
  const sizes = await Promise.all(named.map(({ file }) => stat(resolve(cwd, file)).catch(() => undefined)))
  await using connection = await session.connect()
  const total = sizes.reduce((sum, found) => sum + (found?.size ?? 0), 0)
  const progress = showProgress(output, { files: files.length, bytes: total }, Date.now)
  const parts = new PQueue({ concurrency: parallel })
  const ports: UploadPorts = {
    broker: connection.broker,
    ways: connection.byteWays,
    server: rootOf(connection.tes.url),
    inTurn: work => parts.add(work),
    progress: bytes => progress.add(bytes),
    signal,
  }
  let exit: ExitCode = EXIT.done
  // One after the other, so that the addresses come in the order of the files.
  for (const { file, name } of named) {
    if (signal.aborted) break
    try {
      const done = await uploadFile(resolve(cwd, file), { name, replace, ...(project !== undefined && { project }) }, ports)
      progress.clear()
      if (output.json) output.record({ file, ...done })
      else output.print([[done.url]])
      if (!output.json && done.sent < done.bytes) output.note(`${file}: ${formatBytes(done.bytes - done.sent)} were there already`)
    } catch (error) {
      if (signal.aborted) break
      const failure = describeFailure(tellFile(error))
      progress.clear()
      output.fail(describeLines({ ...failure, message: `${file}: ${failure.message}` }), { file, ...failure })
      if (exit === EXIT.done) exit = failure.exitCode
    }
    progress.endFile()
  }
  progress.clear()
  return exit
}

/** Throws a `Failure` for names that cannot all be. */
function nameEach(files: readonly string[], as: string | undefined): readonly { readonly file: string; readonly name: string }[] {
  if (files.length > 1 && as !== undefined && !as.endsWith('/')) {
    throw new Failure('--as is given for several files', { fix: 'Give a folder, such as --as reads/, or one file.' })
  }
  const named = files.map(file => ({ file, name: as === undefined ? basename(file) : as.endsWith('/') ? `${as}${basename(file)}` : as }))
  const twice = named.find(({ name }, at) => named.findIndex(other => other.name === name) < at)
  if (twice) throw new Failure(`Two files would be called ${twice.name}`, { fix: 'Send them one by one, each with a name by --as.' })
  return named
}

/** What the system says of a file, in words. */
function tellFile(error: unknown): unknown {
  if (error instanceof Failure || error instanceof ApiError || !(error instanceof Error) || !('code' in error)) return error
  return new Failure(`It cannot be read (${String(error.code)})`, { fix: 'Name a file that you may read.', cause: error })
}
