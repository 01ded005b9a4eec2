import { describe, expect, it } from 'vitest'
import { tailLog } from './live-logs.ts'

describe('the end of a log', () => {
  it('is the whole of what is short, with exit codes where there are any', () => {
    const log = { logs: [{ exit_code: 0, stdout: 'out', stderr: '' }, { stdout: 'more' }, {}], system_logs: ['pulled'] }
    expect(tailLog(log)).toEqual({
      executors: [
        { exitCode: 0, stdout: { text: 'out', from: 0, total: 3 }, stderr: { text: '', from: 0, total: 0 } },
        { stdout: { text: 'more', from: 0, total: 4 } },
        {},
      ],
      systemLogs: ['pulled'],
    })
    expect(tailLog({ logs: [] })).toEqual({ executors: [], systemLogs: [] })
  })

  it('is bounded, of a text of ten million characters and of many executors alike', () => {
    const stdout = 'x'.repeat(9_999_999)
    const [one] = tailLog({ logs: [{ stdout: `${stdout}!` }] }).executors
    expect(one?.stdout).toEqual({ text: `${'x'.repeat(65_535)}!`, from: 10_000_000 - 65_536, total: 10_000_000 })
    const many = tailLog({ logs: Array.from({ length: 2_000 }, () => ({ stdout, stderr: stdout })) })
    const characters = many.executors.reduce((sum, of) => sum + (of.stdout?.text.length ?? 0) + (of.stderr?.text.length ?? 0), 0)
    expect(many.executors).toHaveLength(1_000)
    expect(characters).toBeLessThanOrEqual(1024 * 1024)
    const lines = tailLog({ logs: [], system_logs: Array.from({ length: 500 }, (_, index) => `${index}${'y'.repeat(5_000)}`) }).systemLogs
    expect([lines.length, lines[0]?.slice(0, 4), lines[0]?.length]).toEqual([200, '300y', 2_000])
  })

  it('never begins within a sign', () => {
    const [one] = tailLog({ logs: [{ stdout: `a${'😀'.repeat(40_000)}` }] }).executors
    expect(one?.stdout?.text.startsWith('😀')).toBe(true)
    expect((one?.stdout?.from ?? 0) + (one?.stdout?.text.length ?? 0)).toBe(one?.stdout?.total)
    const odd = tailLog({ logs: [{ stdout: `${'😀'.repeat(40_000)}a` }] }).executors[0]?.stdout
    expect([odd?.text.startsWith('😀'), (odd?.from ?? 0) + (odd?.text.length ?? 0)]).toEqual([true, odd?.total])
  })
})
