import { resolve } from 'node:path'
import type { Output, OutputList } from '@portolan/broker/portolan-schemas'
import { formatBytes } from '@portolan/federation'
import { ApiError } from '@portolan/ga4gh'
import { Command, Option } from 'commander'
import PQueue from 'p-queue'
import * as z from 'zod/mini'
import type { BrokerClient } from '../broker-client.ts'
import { EXIT, type ExitCode } from '../exit-codes.ts'
import { describeFailure, describeLines, Failure } from '../failure.ts'
import type { Line } from '../output/line.ts'
import { createTable } from '../output/table.ts'
import { readOutputs } from '../read-outputs.ts'
import type { Session } from '../session.ts'
import { Flag } from '../settings.ts'
import { type Download, type DownloadPorts, download } from '../transfer/download.ts'
import { isWanted, nameFiles } from '../transfer/name-files.ts'
import { parallelOption } from '../transfer/parallel-option.ts'
import { showProgress } from '../transfer/progress.ts'
import type { MakeCommand, Run } from './command.ts'
import { makeMount } from './outputs-mount.ts'

const HEAD = ['output', 'bytes', 'location', 'people get', 'url'] as const
const DELIVERIES: Readonly<Record<Output['delivery'], string>> = { direct: 'a link', relay: 'the bytes', none: 'nothing' }

const Options = z.object({ to: z.string(), parallel: z.number(), replace: Flag })
type Options = z.infer<typeof Options>

export const makeOutputs: MakeCommand = run =>
  new Command('outputs').description('What a task has left.').addCommand(makeLs(run)).addCommand(makeGet(run)).addCommand(makeMount(run))

function makeLs(run: Run): Command {
  const command = new Command('ls')
    .description('List what a task has left, and how it is to be had.')
    .argument('<id>')
    .action((id: string) =>
      run(command, async session => {
        const { output } = session
        await using connection = await session.connect()
        const table = createTable(HEAD)
        let last: OutputList | undefined
        for await (const page of connection.broker.listOutputs(id)) {
          last = page
          if (output.json) for (const one of page.outputs) output.record(one)
          else output.print(table.add(page.outputs.map(rowOf)))
        }
        if (last?.measured === false) output.note(`${id} is ${last.state}: these are the outputs that it has declared`)
        return EXIT.done
      }),
    )
  return command
}

function rowOf({ path, bytes, location, delivery, url }: Output): Line {
  return [path, bytes === undefined ? '-' : formatBytes(bytes), location ?? '-', DELIVERIES[delivery], url]
}

function makeGet(run: Run): Command {
  const command = new Command('get')
    .description('Fetch what a task has left, in parts; what was cut off goes on.')
    .argument('<id>')
    .argument('[pattern...]', 'of paths, such as *.bam; default: all')
    .addOption(new Option('--to <folder>', 'where the files go').default('.'))
    .addOption(parallelOption())
    .addOption(new Option('--replace', 'files that have the same name give way'))
    .action((id: string, patterns: readonly string[]) =>
      run(command, async session => await getOutputs(session, id, patterns, Options.parse(command.opts()))),
    )
  return command
}

async function getOutputs(
  session: Session,
  id: string,
  patterns: readonly string[],
  { to, parallel, replace }: Options,
): Promise<ExitCode> {
  const { output, signal } = session
  await using connection = await session.connect()
  const downloads = await chooseOutputs(connection.broker, id, patterns)
  const total = downloads.reduce((sum, one) => sum + (one.output.bytes ?? 0), 0)
  const progress = showProgress(output, { files: downloads.length, bytes: total }, Date.now)
  const parts = new PQueue({ concurrency: parallel })
  const files = new PQueue({ concurrency: parallel })
  const ports: DownloadPorts = {
    broker: connection.broker,
    ways: connection.byteWays,
    folder: resolve(session.cwd, to),
    replace,
    inTurn: work => parts.add(work),
    progress: bytes => progress.add(bytes),
    signal,
  }
  let exit: ExitCode = EXIT.done

  async function getOne(wanted: Download): Promise<void> {
    if (signal.aborted) return
    try {
      const done = await download(wanted, ports)
      progress.clear()
      if (output.json) output.record({ path: wanted.output.path, ...done })
      else output.print([[sayDone(done)]])
    } catch (error) {
      if (signal.aborted) return
      const failure = describeFailure(tellDisk(error))
      progress.clear()
      output.fail(describeLines({ ...failure, message: `${wanted.output.path}: ${failure.message}` }), {
        path: wanted.output.path,
        ...failure,
      })
      if (exit === EXIT.done) exit = failure.exitCode
    }
    progress.endFile()
  }
  await Promise.all(downloads.map(wanted => files.add(() => getOne(wanted))))
  progress.clear()
  return exit
}

/** Throws a `Failure` if there is nothing to fetch. */
async function chooseOutputs(broker: BrokerClient, id: string, patterns: readonly string[]): Promise<readonly Download[]> {
  const all = await readOutputs(broker, id)
  const names = nameFiles(all.map(({ path }) => path))
  const wanted = all.flatMap((output, at): Download[] =>
    isWanted(output.path, patterns) ? [{ task: id, output, segments: names[at] ?? [] }] : [],
  )
  if (all.length > 0 && wanted.length === 0) {
    throw new Failure('No output has such a path', { exitCode: EXIT.notFound, fix: `See portolan outputs ls ${id}.` })
  }
  return wanted
}

function sayDone({ file, bytes, fetched, checked }: Awaited<ReturnType<typeof download>>): string {
  const how = [
    fetched === 0 && bytes > 0 ? 'was there' : [],
    checked === undefined ? 'not checked: its store has no digest' : `${checked} is right`,
  ].flat()
  return `${file}  ${formatBytes(bytes)}, ${how.join(', ')}`
}

/** What the system says of a disk, in words. */
function tellDisk(error: unknown): unknown {
  if (error instanceof Failure || error instanceof ApiError || !(error instanceof Error) || !('code' in error)) return error
  const full = error.code === 'ENOSPC' || error.code === 'EDQUOT'
  return new Failure(full ? 'The disk is full' : `It cannot be written here (${String(error.code)})`, {
    exitCode: EXIT.failed,
    fix: full ? 'Make room and try again; what has come is kept.' : 'Name another folder with --to.',
    cause: error,
  })
}
