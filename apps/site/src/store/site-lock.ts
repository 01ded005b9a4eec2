/**
 * One process per work folder: a file that names the owner by pid and start time, so that the file of a killed owner does not count.
 */
import { readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { isAlive, type ProcessMark, readMark } from '../supervisor/process-table.ts'
import { makeFolder } from './make-folder.ts'

const LOCK = 'site.lock'

/** Takes the folder. Throws if another living process holds it. */
export async function lockFolder(folder: string): Promise<AsyncDisposable> {
  await makeFolder(folder).catch(cause => {
    throw new Error(`--work: the folder ${folder} cannot be made (${messageOf(cause)}); name one that this user may write to`, { cause })
  })
  const path = join(folder, LOCK)
  const own = readMark(process.pid)
  if (!own) throw new Error('this system has no /proc: the site runs on Linux only')
  const text = `${own.pid} ${own.startTime}\n`
  for (let attempt = 0; ; attempt++) {
    try {
      await writeFile(path, text, { flag: 'wx', mode: 0o600 })
      return { [Symbol.asyncDispose]: () => rm(path, { force: true }) }
    } catch (error) {
      if (!isExists(error) || attempt === 3)
        throw new Error(`--work: the folder ${folder} cannot be locked (${messageOf(error)}); name one that this user may write to`, {
          cause: error,
        })
    }
    const holder = parseHolder(await readFile(path, 'utf8').catch(() => ''))
    if (holder && isAlive(holder))
      throw new Error(`${folder} belongs to the running site with process id ${holder.pid}; give this one its own --work folder`)
    await rm(path, { force: true })
  }
}

function parseHolder(text: string): ProcessMark | undefined {
  const [pid, startTime] = text.trim().split(' ')
  return pid && startTime ? { pid: Number(pid), startTime } : undefined
}

function isExists(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'EEXIST'
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
