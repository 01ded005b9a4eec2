/**
 * A page that says what went wrong and what to do. Pure.
 */
import { html } from './html.ts'
import type { Page } from './page.ts'

export interface ProblemView {
  readonly status: number
  readonly title: string
  readonly says: string
  /** What to do; absent: `says` says it. */
  readonly fix?: string | undefined
  /** By which the operator finds it in the log. */
  readonly requestId: string
  readonly retryAfterSeconds?: number | undefined
}

export function problemPage({ status, title, says, fix, requestId, retryAfterSeconds }: ProblemView, base: string): Page {
  return {
    status,
    title,
    headers: retryAfterSeconds === undefined ? undefined : { 'Retry-After': String(retryAfterSeconds) },
    body: html`<div class="alarm" role="alert"><p>${says}</p>${fix !== undefined && html`<p>${fix}</p>`}</div>
<p><a href="${base}/app">To the first page</a></p>
<p class="quiet">Request <code>${requestId}</code></p>`,
  }
}
