import { Writable } from 'node:stream'
import { TERMINAL_STATES } from '@portolan/tes'
import { describe, expect, it } from 'vitest'
import { textOf } from '../output/line.ts'
import { createOutput, type Screen } from '../output/output.ts'
import { createChangeView } from './change-view.ts'
import { fateOf, layOut, type Watched } from './watched.ts'

const NOW = 1_700_000_000_000
const SIZE = { columns: 80, rows: 24 }
const lay = (tasks: readonly Watched[], trouble = '', size = SIZE) =>
  layOut(tasks, trouble, NOW, size).map(line => line.map(textOf).join(''))

/** A terminal of this size that keeps what is written to it. */
function openScreen(columns: number, rows: number): { readonly screen: Screen; readonly written: () => string } {
  let text = ''
  const stream = new Writable({
    write(chunk, _encoding, done) {
      text += String(chunk)
      done()
    },
  })
  return { screen: Object.assign(stream, { isTTY: true, columns, rows }), written: () => text }
}

describe('the live table', () => {
  it('shows each task, how long it is so, and how many have ended', () => {
    const tasks: Watched[] = [
      { id: 't1', name: 'align', site: 'berlin', state: 'RUNNING', since: NOW - 65_400 },
      { id: 't2', state: 'COMPLETE', since: NOW },
      { id: 't3', name: 'later' },
    ]
    expect(lay(tasks)).toEqual([
      'id  state     for        site    name',
      't1  RUNNING   1 min 5 s  berlin  align',
      't2  COMPLETE             -       ',
      't3                       -       later',
      '1 of 3 ended',
    ])
  })

  it('never has more lines or columns than the screen, and shows first what goes on', () => {
    const tasks = Array.from(
      { length: 50 },
      (_, index): Watched => ({
        id: `task-${index}`,
        name: 'x'.repeat(200),
        state: index < 45 ? 'COMPLETE' : 'RUNNING',
        since: NOW,
      }),
    )
    const lines = lay(tasks, '', { columns: 40, rows: 10 })
    expect(lines).toHaveLength(9)
    expect(lines[1]).toMatch(/^task-45 +RUNNING/)
    expect(lines.at(-1)).toBe('45 of 50 ended, 43 not shown')
    for (const line of lines) expect(line.length).toBeLessThan(40)
  })

  it('says what troubles the watch until there is news', () => {
    const { screen, written } = openScreen(80, 24)
    using view = createChangeView(createOutput(screen, screen, false), () => NOW)
    const task: Watched = { id: 't1', state: 'QUEUED', since: NOW }
    view.show(task, [task])
    view.trouble('no connection')
    view.show({ ...task, state: 'RUNNING' }, [{ ...task, state: 'RUNNING' }])
    const frames = written().split('\u001b[3A')
    expect(frames).toHaveLength(3)
    expect(frames.map(frame => frame.includes('no connection'))).toEqual([false, true, false])
  })

  it('cannot be painted by the tasks in it', () => {
    const { screen, written } = openScreen(80, 24)
    using view = createChangeView(createOutput(screen, screen, false), () => NOW)
    const task: Watched = { id: 't1', name: '\u001b]0;owned\u0007\u001b[2Jx', state: 'QUEUED', site: '\u009b5m', since: NOW }
    view.show(task, [task])
    expect(written()).not.toMatch(/owned|\[2J|\u009b/)
  })
})

describe('the end of a watch', () => {
  it('is that of the task, and of several the worst', () => {
    expect(TERMINAL_STATES.map(state => fateOf([state]))).toEqual([0, 12, 13, 10, 11])
    expect(fateOf(['COMPLETE', 'SYSTEM_ERROR', 'CANCELED'])).toBe(13)
    expect(fateOf(['COMPLETE', 'EXECUTOR_ERROR', 'COMPLETE', 'CANCELED'])).toBe(12)
    expect(fateOf([])).toBe(0)
  })
})
