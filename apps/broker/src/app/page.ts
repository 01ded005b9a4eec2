/**
 * The frame of every page and the headers that it goes out with. No script, nothing from elsewhere, nothing that another page may frame, nothing
 * that is kept.
 */
import type { ServerResponse } from 'node:http'
import { type Html, html } from './html.ts'
import { STYLE_PATH } from './style.ts'

export interface Page {
  /** Default 200. */
  readonly status?: number | undefined
  readonly title: string
  readonly body: Html
  /** An address to which the browser goes on by itself. */
  readonly goOnTo?: string | undefined
  readonly headers?: Readonly<Record<string, string>> | undefined
}

/**
 * `Referrer-Policy: same-origin` and not `no-referrer`: with the latter browsers send `Origin: null` with our own forms, which are then not told
 * from those of others.
 */
const HEADERS: Readonly<Record<string, string>> = {
  'Content-Type': 'text/html; charset=utf-8',
  'Content-Security-Policy': "default-src 'none'; style-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
  'Referrer-Policy': 'same-origin',
  'X-Content-Type-Options': 'nosniff',
  'X-Frame-Options': 'DENY',
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cross-Origin-Resource-Policy': 'same-origin',
  'Cache-Control': 'no-store',
}

/** `base`: what stands before every path of the broker, from its public URL; empty, or without a slash at the end. */
export function renderPage({ title, body, goOnTo }: Page, base: string): string {
  return `<!doctype html>\n${html`<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${title} · Portolan</title>
<link rel="stylesheet" href="${base}${STYLE_PATH}">${
    goOnTo !== undefined &&
    html`
<meta http-equiv="refresh" content="0; url=${goOnTo}">`
  }
</head>
<body>
<header><a href="${base}/app">Portolan</a></header>
<main>
<h1>${title}</h1>
${body}
</main>
</body>
</html>`.toString()}\n`
}

export function sendPage(response: ServerResponse, page: Page, base: string): void {
  response.writeHead(page.status ?? 200, { ...HEADERS, ...page.headers })
  response.end(renderPage(page, base))
}

/** `location`: a whole address, or a path of ours with what stands before it. */
export function redirect(response: ServerResponse, location: string, cookies: readonly string[]): void {
  response.writeHead(302, { ...HEADERS, Location: location, 'Set-Cookie': [...cookies] })
  response.end()
}

/** To the minute, in the one time that all servers share. */
export function showTime(ms: number): string {
  return `${new Date(ms).toISOString().slice(0, 16).replace('T', ' ')} UTC`
}
