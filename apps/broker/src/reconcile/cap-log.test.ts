import { describe, expect, it } from 'vitest'
import { capText } from '../observe/cut-text.ts'
import { capLog, findStoredCut } from './cap-log.ts'

describe('what is kept of a log', () => {
  it('caps every executor and the lines of the system, and leaves the rest alone', () => {
    const long = 'x'.repeat(400_000)
    const capped = capLog({
      logs: [{ exit_code: 3, stdout: long, stderr: 'short' }, { exit_code: 0 }],
      outputs: [{ url: 'http://data/x', path: '/x', size_bytes: '5' }],
      system_logs: Array.from({ length: 205 }, () => 'y'.repeat(3_000)),
    })
    expect(capped.logs[0]?.stdout?.length).toBeLessThan(300_000)
    expect(capped.logs[0]).toMatchObject({ exit_code: 3, stderr: 'short' })
    expect(capped.logs[1]).toEqual({ exit_code: 0 })
    expect(capped.outputs).toHaveLength(1)
    expect(capped.system_logs).toHaveLength(201)
    expect(capped.system_logs?.at(-1)).toBe('5 more lines left out')
    expect(capped.system_logs?.[0]?.length).toBeLessThan(2_100)
  })

  it('keeps a log small whatever a site puts into it, and says what is left out', () => {
    const many = <T>(count: number, one: T): T[] => Array.from({ length: count }, () => one)
    const capped = capLog({
      logs: many(20_000, { exit_code: 0, stdout: 'x'.repeat(10_000), start_time: 'y'.repeat(10_000) }),
      outputs: many(50_000, { url: `http://data/${'u'.repeat(1_000)}`, path: '/x', size_bytes: '5' }),
      metadata: Object.fromEntries(many(20_000, 0).map((_, i) => [`key ${i} ${'k'.repeat(1_000)}`, 'v'.repeat(10_000)])),
      start_time: 'z'.repeat(1_000_000),
    })
    expect(JSON.stringify(capped).length).toBeLessThan(16 * 1024 * 1024)
    expect(capped.logs).toHaveLength(1_000)
    expect(capped.system_logs).toEqual([
      '19000 executor logs left out',
      expect.stringMatching(/^\d+ outputs left out$/),
      '19900 entries of the metadata left out',
    ])
  })

  it.each([
    ['of one executor', 1, 300_000],
    ['of many, of which less is kept', 40, 200_000],
  ])('tells afterwards what was left out, %s', (_, executors, length) => {
    const text = Array.from({ length }, (_each, index) => String.fromCharCode(97 + (index % 26))).join('')
    const stored =
      capLog({ logs: Array.from({ length: executors }, () => ({ exit_code: 0, stdout: text })), outputs: [] }).logs[0]?.stdout ?? ''
    const cut = findStoredCut(stored, executors)
    if (!cut) throw new Error('nothing was left out')
    expect(stored.slice(0, cut.at) + text.slice(cut.at, cut.at + cut.characters) + stored.slice(cut.goesOnAt)).toBe(text)
  })

  it('goes on counting what was left out before, however much less is kept of many', () => {
    const read = capText('x'.repeat(300_000))
    const many = capLog({ logs: Array.from({ length: 40 }, () => ({ exit_code: 0, stdout: read })), outputs: [], system_logs: [read] })
    const stored = many.logs[0]?.stdout ?? ''
    const cut = findStoredCut(stored, 40)
    expect(cut && cut.at + cut.characters + stored.length - cut.goesOnAt).toBe(300_000)
    expect(many.system_logs).toEqual([`${'x'.repeat(2_000)}\n[298000 characters left out]\n`])
    expect(capLog({ logs: [{ exit_code: 0, stdout: read }], outputs: [] }).logs[0]?.stdout).toBe(read)
  })
})
