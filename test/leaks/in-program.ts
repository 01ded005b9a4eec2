/**
 * Goes before every program that is started while a run is searched (`node --import`). What a broker or a site says is kept in files as it says it: its
 * log, its answers, its metrics. So is what commands say. Stores and logs that a program is about to remove stay there under another name. The run searches all of
 * it at its end, however the programs have ended.
 */
import crypto from 'node:crypto'
import { appendFileSync, existsSync, linkSync } from 'node:fs'
import { syncBuiltinESMExports } from 'node:module'
import { basename, join } from 'node:path'
import process from 'node:process'
import { isMainThread } from 'node:worker_threads'
import { listRemains } from './keep-folder.ts'
import { KEPT_VARIABLE } from './run-folder.ts'
import { markedRandom } from './secrets.ts'
import { watchAnswers } from './watch-answers.ts'
import { watchRemovals } from './watch-removals.ts'
import { watchWords } from './watch-words.ts'

/** By the files that they are started by. */
const BROKER = /\/(apps\/broker\/src\/main|test\/faults\/broker-under-test)\.ts$/
const SITE = /\/apps\/site\/src\/main\.ts$/
/** What people start. */
const COMMANDS = /\/(apps\/cli|demo)\/src\/main\.ts$/
const EXTENSIONS = {
  log: 'log',
  'error body': 'error-bodies',
  metrics: 'metrics',
  answer: 'answers',
  'command output': 'command-output',
} as const
type Said = keyof typeof EXTENSIONS

const kept = process.env[KEPT_VARIABLE]
const program = process.argv[1] ?? ''
if (kept !== undefined && isMainThread) {
  markSecrets()
  keepRemovals(kept)
  if (BROKER.test(program) || SITE.test(program)) keepAll(kept)
  if (COMMANDS.test(program)) watchWords(words => keepWords(kept, 'command output', words))
}

/** Secrets that a program makes itself carry the marker. */
function markSecrets(): void {
  const { randomBytes } = crypto
  const marked = (bytes: number, callback?: (error: Error | null, made: Buffer) => void): unknown =>
    callback === undefined ? Buffer.from(markedRandom(bytes)) : randomBytes(bytes, callback)
  Object.assign(crypto, { randomBytes: marked })
  syncBuiltinESMExports()
}

function keepRemovals(folder: string): void {
  let count = 0
  watchRemovals(path => {
    for (const file of listRemains(path).filter(existsSync)) {
      count += 1
      linkSync(file, join(folder, `${process.pid}-${count}-${basename(file)}`))
    }
  })
}

function keepAll(folder: string): void {
  watchAnswers(
    () => true,
    // A site tells the broker of the very links that it was given.
    (place, bytes) => (place === 'answer' && SITE.test(program) ? undefined : keepWords(folder, place, bytes)),
  )
  watchWords(words => keepWords(folder, 'log', words))
}

function keepWords(folder: string, place: Said, bytes: Uint8Array | string): void {
  const name = program.split('/').slice(-3, -1).join('-')
  appendFileSync(join(folder, `${process.pid}-${name}.${EXTENSIONS[place]}`), bytes)
}
