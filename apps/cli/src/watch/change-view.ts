/**
 * Three ways to show the same changes: a table that is drawn anew, plain lines for pipes and logs, JSON lines.
 */
import { type Piece, showState } from '../output/line.ts'
import type { Output } from '../output/output.ts'
import { showMoment } from '../show-task.ts'
import { layOut, type Watched } from './watched.ts'

export interface ChangeView extends Disposable {
  /** One task has changed; `tasks` are all of them. */
  show(changed: Watched, tasks: readonly Watched[]): void
  /** The server could not be asked. */
  trouble(message: string): void
}

const TICK_MS = 1_000

export function createChangeView(output: Output, now: () => number): ChangeView {
  if (output.live) return createLiveTable(output, now)
  const write = output.json ? recordChange : printChange
  return { show: changed => write(output, changed, now()), trouble: message => output.note(message), [Symbol.dispose]() {} }
}

/** Drawn at each change, and each second, since it shows how long. Trouble is forgotten at the next change. */
function createLiveTable(output: Output, now: () => number): ChangeView {
  let latest: readonly Watched[] = []
  let troubled = ''
  const draw = () => output.redraw(layOut(latest, troubled, now(), output.size))
  const ticks = setInterval(() => latest.length > 0 && draw(), TICK_MS)
  return {
    show(_changed, tasks) {
      latest = tasks
      troubled = ''
      draw()
    },
    trouble(message) {
      troubled = message
      draw()
    },
    [Symbol.dispose]: () => clearInterval(ticks),
  }
}

function recordChange(output: Output, { id, name, state, site }: Watched, now: number): void {
  output.record({ time: new Date(now).toISOString(), id, state, name, site })
}

function printChange(output: Output, { id, name, state = 'UNKNOWN', site }: Watched, now: number): void {
  const where: Piece[] = site === undefined ? [] : [` at ${site}`]
  const what: Piece[] = name === undefined ? [] : [` ${name}`]
  output.print([[`${showMoment(now)} ${id} `, showState(state), ...where, ...what]])
}
