import { expect, it } from 'vitest'
import { createAccessLog } from './access-log.ts'

it('a line of the access log holds no token, and is JSON', () => {
  const lines: string[] = []
  const log = createAccessLog(
    text => lines.push(text),
    () => 5,
  )
  const token = `portolan_pat_${'canary7f3a9c'.repeat(4)}x`
  log.write({ requestId: 'r1', method: 'GET', path: `/tasks/${token}`, status: 404, ms: 1 })
  log.write({ requestId: 'r2', method: 'GET', path: '/tasks/"quoted"', status: 404, ms: 1 })
  log.flush()
  const text = lines.join('')
  expect(text).not.toContain('canary7f3a9c')
  const paths = text
    .trim()
    .split('\n')
    .map(line => JSON.parse(line).path)
  expect(paths).toEqual(['/tasks/portolan_pat_[hidden]', '/tasks/"quoted"'])
})
