/**
 * Counts and durations of requests, kept and written by hand in the text format of Prometheus: a few additions a request.
 */
const BOUNDS_MS = [0.5, 1, 2.5, 5, 10, 25, 50, 100, 250, 1_000, 10_000]

interface Series {
  readonly operation: string
  readonly status: number
  /** One count for each bound, not yet summed up. */
  readonly buckets: Float64Array
  count: number
  sumMs: number
}

export interface HttpMetrics {
  observe(operation: string, status: number, ms: number): void
  render(): string
}

export function createHttpMetrics(): HttpMetrics {
  const byOperation = new Map<string, Map<number, Series>>()

  function seriesOf(operation: string, status: number): Series {
    let byStatus = byOperation.get(operation)
    if (!byStatus) {
      byStatus = new Map()
      byOperation.set(operation, byStatus)
    }
    let series = byStatus.get(status)
    if (!series) {
      series = { operation, status, buckets: new Float64Array(BOUNDS_MS.length), count: 0, sumMs: 0 }
      byStatus.set(status, series)
    }
    return series
  }

  return {
    observe(operation, status, ms) {
      const series = seriesOf(operation, status)
      series.count += 1
      series.sumMs += ms
      for (let i = 0; i < BOUNDS_MS.length; i += 1) {
        if (ms <= (BOUNDS_MS[i] ?? 0)) {
          series.buckets[i] = (series.buckets[i] ?? 0) + 1
          return
        }
      }
    },
    render() {
      const lines = [
        '# HELP portolan_http_request_seconds Time to answer a request, by operation and status.',
        '# TYPE portolan_http_request_seconds histogram',
      ]
      for (const byStatus of byOperation.values()) for (const series of byStatus.values()) lines.push(...renderSeries(series))
      return `${lines.join('\n')}\n`
    },
  }
}

function renderSeries({ operation, status, buckets, count, sumMs }: Series): string[] {
  const labels = `operation="${operation}",status="${status}"`
  let below = 0
  const lines = BOUNDS_MS.map((bound, i) => {
    below += buckets[i] ?? 0
    return `portolan_http_request_seconds_bucket{${labels},le="${bound / 1_000}"} ${below}`
  })
  return [
    ...lines,
    `portolan_http_request_seconds_bucket{${labels},le="+Inf"} ${count}`,
    `portolan_http_request_seconds_sum{${labels}} ${sumMs / 1_000}`,
    `portolan_http_request_seconds_count{${labels}} ${count}`,
  ]
}
