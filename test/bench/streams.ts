/**
 * What many who follow cost: a thousand streams of all events while tasks come and end.
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { connect, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { applyLoad } from './load.ts'
import { startProgram } from './program.ts'
import { type BenchRow, makeRow, quantile } from './row.ts'
import { POST_REQUEST } from './task.ts'

const STREAMS = 1_000
const ROUNDS = 3
const ROUND_MS = 5_000
/** Four clients that create, each pausing so long: some forty tasks a second, each with a few events. */
const CREATORS = 4
const PAUSE_MS = 100
/** Events get their numbers in rounds. */
const SETTLE_MS = 2_000
const STREAM_REQUEST = 'GET /portolan/v1/events HTTP/1.1\r\nHost: 127.0.0.1\r\nAccept: text/event-stream\r\n\r\n'

/** The whole program in open mode, where nobody is limited, reconciler and all; no site takes a task, so each ends at once. */
export async function benchStreams(): Promise<BenchRow[]> {
  const folder = mkdtempSync(join(tmpdir(), 'portolan-bench-'))
  const broker = await startProgram('apps/broker/src/main.ts', ['--port', '0'], folder)
  const port = Number(new URL(broker.url).port)
  const sockets: Socket[] = []
  try {
    const first = await follow(port)
    sockets.push(first.socket)
    const before = broker.residentMb()
    for (let count = 1; count < STREAMS; count += 1) sockets.push((await follow(port)).socket)
    const held = broker.residentMb() - before
    const delays: number[] = []
    const lags: number[] = []
    for (let round = 0; round < ROUNDS; round += 1) {
      first.lags.length = 0
      await readLoopDelay(broker.url)
      await applyLoad({ port, connections: CREATORS, ms: ROUND_MS, pauseMs: PAUSE_MS, next: () => POST_REQUEST })
      await pause(SETTLE_MS)
      delays.push(await readLoopDelay(broker.url))
      lags.push(quantile(first.lags, 0.99))
    }
    return [
      makeRow({ id: 'streams-loop-delay-p99', unit: 'ms', bar: null, good: 'below', samples: delays }),
      makeRow({ id: 'streams-lag-p99', unit: 'ms', bar: null, good: 'below', samples: lags }),
      makeRow({ id: 'streams-memory-mb', unit: 'MB', bar: null, good: 'below', samples: [held] }),
    ]
  } finally {
    for (const socket of sockets) socket.destroy()
    await broker.stop()
    rmSync(folder, { recursive: true, force: true })
  }
}

/** Resolves when the stream has begun. `lags`: from each event until it came, ms; the clock of both is one. */
function follow(port: number): Promise<{ readonly socket: Socket; readonly lags: number[] }> {
  return new Promise((resolve, reject) => {
    const lags: number[] = []
    const socket = connect(port, '127.0.0.1', () => socket.write(STREAM_REQUEST))
    socket.once('error', reject)
    socket.once('data', (bytes: Buffer) => {
      const head = bytes.toString('latin1')
      if (!head.startsWith('HTTP/1.1 200')) return void socket.destroy(new Error(head.slice(0, 500)))
      socket.on('data', (more: Buffer) => {
        const now = Date.now()
        for (const [, at = ''] of more.toString('latin1').matchAll(/"at":"([^"]+)"/g)) lags.push(now - Date.parse(at))
      })
      resolve({ socket, lags })
    })
  })
}

/** Since it was read last, ms. */
async function readLoopDelay(url: string): Promise<number> {
  const text = await (await fetch(`${url}/metrics`)).text()
  return 1_000 * Number(/^portolan_event_loop_delay_seconds\{quantile="0.99"\} (\S+)$/m.exec(text)?.[1])
}
