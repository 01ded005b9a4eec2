import { describe, expect, it } from 'vitest'
import { createAccessLog } from './access-log.ts'
import { createHttpMetrics } from './http-metrics.ts'

describe('the metrics of requests', () => {
  it('count each request in every bucket that is not too small for it', () => {
    const metrics = createHttpMetrics()
    metrics.observe('GetTask', 200, 0.4)
    metrics.observe('GetTask', 200, 4)
    metrics.observe('GetTask', 404, 60_000)
    const text = metrics.render()
    expect(text).toContain('portolan_http_request_seconds_bucket{operation="GetTask",status="200",le="0.0005"} 1')
    expect(text).toContain('portolan_http_request_seconds_bucket{operation="GetTask",status="200",le="0.005"} 2')
    expect(text).toContain('portolan_http_request_seconds_count{operation="GetTask",status="200"} 2')
    expect(text).toContain('portolan_http_request_seconds_bucket{operation="GetTask",status="404",le="10"} 0')
    expect(text).toContain('portolan_http_request_seconds_bucket{operation="GetTask",status="404",le="+Inf"} 1')
    expect(text).toContain('portolan_http_request_seconds_sum{operation="GetTask",status="404"} 60')
  })
})

describe('the access log', () => {
  it('writes lines of JSON whatever the path holds, and only when told or when many wait', () => {
    const written: string[] = []
    const log = createAccessLog(
      lines => written.push(lines),
      () => 7,
    )
    log.write({ requestId: 'a1', method: 'GET', path: '/tasks/"\n\u001b[31m', status: 404, ms: 1.2345 })
    expect(written).toEqual([])
    log.flush()
    log.flush()
    expect(written.map(line => JSON.parse(line))).toEqual([
      { level: 30, time: 7, msg: 'request', requestId: 'a1', method: 'GET', path: '/tasks/"\n\u001b[31m', status: 404, ms: 1.23 },
    ])
    for (let i = 0; i < 200; i += 1) log.write({ requestId: 'a1', method: 'GET', path: 'x'.repeat(500), status: 200, ms: 1 })
    expect(written.length).toBeGreaterThan(1)
    expect(written.every(lines => lines.endsWith('}\n'))).toBe(true)
    log.flush()
  })
})
