/**
 * Many sites in one process, which do no work: they take tasks and say that they run, until they are asked to let some end. Site number N has its
 * API at `/N`. Tasks that ran from the start are dealt to the sites in turn, and have the id that the broker gave them.
 */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import process from 'node:process'
import { text } from 'node:stream/consumers'
import { listen, readArgument } from './child.ts'
import { runningId } from './task.ts'

export interface FleetArgument {
  readonly sites: number
  /** Ids of tasks that run from the start. */
  readonly running: number
}

/** So many running tasks end within the time, evenly, wherever they are. */
export interface FleetQuestion {
  readonly ends: number
  readonly ms: number
}

export interface FleetReport {
  /** Requests since the sites were last asked to let tasks end, or began. */
  readonly lists: number
  readonly others: number
  /** ms since 1970, by id. */
  readonly endedAt: Readonly<Record<string, number>>
  /** When the first offer of a task arrived, by its name; ms since 1970. */
  readonly offeredAt: Readonly<Record<string, number>>
}

interface Task {
  readonly id: string
  state: 'RUNNING' | 'COMPLETE'
}

const { sites: count = 1, running = 0 } = readArgument<FleetArgument>()
const sites = Array.from({ length: count }, () => new Map<string, Task>())
for (let number = 0; number < running; number += 1) {
  const id = runningId(number)
  sites[number % count]?.set(id, { id, state: 'RUNNING' })
}
let lists = 0
let others = 0
const endedAt: Record<string, number> = {}
const offeredAt: Record<string, number> = {}

async function answer(request: IncomingMessage): Promise<object | undefined> {
  const { pathname, searchParams } = new URL(request.url ?? '/', 'http://fleet')
  const [, number = '', , id = ''] = pathname.split('/')
  const tasks = sites[Number(number)]
  if (!tasks || pathname.endsWith('/service-info')) return undefined
  if (request.method === 'GET' && id === '') {
    lists += 1
    const from = Number(searchParams.get('page_token') ?? 0)
    const until = from + Number(searchParams.get('page_size') ?? 256)
    return { tasks: [...tasks.values()].slice(from, until), ...(until < tasks.size && { next_page_token: String(until) }) }
  }
  others += 1
  const task = tasks.get(decodeURIComponent(id))
  if (request.method === 'GET') return task && describe(task)
  // A cancel: whoever asks for it sees the task run on.
  if (id !== '') return {}
  const { name }: { name: string } = JSON.parse(await text(request))
  offeredAt[name] ??= Date.now()
  const taken = `${number}-${tasks.size}`
  tasks.set(taken, { id: taken, state: 'RUNNING' })
  return { id: taken }
}

function describe(task: Task): object {
  const log = {
    logs: [{ exit_code: 0, stdout: 'done' }],
    outputs: [],
    start_time: '2026-01-01T00:00:00Z',
    end_time: '2026-01-01T00:01:00Z',
  }
  return { ...task, executors: [{ image: 'a', command: ['b'] }], logs: [log] }
}

function letEnd({ ends, ms }: FleetQuestion): void {
  lists = 0
  others = 0
  for (let end = 0; end < ends; end += 1) {
    setTimeout(
      () => {
        const number = Math.floor((end * running) / ends)
        const task = sites[number % count]?.get(runningId(number))
        if (!task) return
        task.state = 'COMPLETE'
        endedAt[task.id] = Date.now()
      },
      (end * ms) / ends,
    )
  }
}

function reply(request: IncomingMessage, response: ServerResponse): void {
  answer(request).then(
    body => {
      const bytes = JSON.stringify(body ?? { msg: 'there is nothing' })
      response.writeHead(body ? 200 : 404, { 'content-type': 'application/json', 'content-length': Buffer.byteLength(bytes) }).end(bytes)
    },
    () => response.destroy(),
  )
}

process.on('disconnect', () => process.exit())
process.on('message', (question: FleetQuestion | 'report') => {
  if (question !== 'report') letEnd(question)
  process.send?.({ lists, others, endedAt, offeredAt } satisfies FleetReport)
})
listen(createServer(reply))
