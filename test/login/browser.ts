/**
 * A browser without a screen: keeps cookies, follows redirects, reads the forms of a page and sends them.
 */
import { type CookieJar, openCookieJar } from './cookie-jar.ts'

const MOST_REDIRECTS = 20
const TIMEOUT_MS = 20_000

/** A page that is shown: where, and what. */
export interface Page {
  readonly kind: 'page'
  readonly url: string
  readonly status: number
  readonly text: string
}

/** A redirect that was not followed, because the caller wanted to stop there. */
export interface Stop {
  readonly kind: 'stop'
  readonly url: string
}

export interface Form {
  readonly action: string
  /** Of the page that it stands on. */
  readonly origin: string
  readonly fields: Readonly<Record<string, string>>
  /** Somebody has to type something in. */
  readonly asks: boolean
  /** The names and values of its buttons, also of those beside the form that name it. */
  readonly buttons: readonly { readonly name: string; readonly value: string }[]
}

export interface Browser {
  readonly cookies: CookieJar
  /** Opens an address and follows redirects, up to one for which `until` is true. */
  open(url: string, until?: (url: string) => boolean): Promise<Page | Stop>
  /** Sends a form of the page, with more fields, as a button adds them. */
  submit(form: Form, more: Readonly<Record<string, string>>, until?: (url: string) => boolean): Promise<Page | Stop>
}

interface Sent {
  readonly method?: 'POST'
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: URLSearchParams
}

export function openBrowser(): Browser {
  const jar = openCookieJar()

  async function send(url: string, { headers: own, ...init }: Sent): Promise<Response> {
    const cookie = jar.read(url)
    const headers = { accept: 'text/html', ...own, ...(cookie !== undefined && { cookie }) }
    const response = await fetch(url, { ...init, headers, redirect: 'manual', signal: AbortSignal.timeout(TIMEOUT_MS) })
    jar.store(url, response.headers.getSetCookie())
    return response
  }

  async function follow(start: string, init: Sent, until: (url: string) => boolean): Promise<Page | Stop> {
    let url = start
    for (let redirects = 0; redirects <= MOST_REDIRECTS; redirects++) {
      const response = await send(url, redirects === 0 ? init : {})
      const location = response.headers.get('location')
      const text = await response.text()
      if (location === null) return { kind: 'page', url, status: response.status, text }
      url = new URL(location, url).href
      if (until(url)) return { kind: 'stop', url }
    }
    throw new Error(`more than ${MOST_REDIRECTS} redirects from ${start}; the last one leads to ${url}`)
  }

  return {
    cookies: jar,
    open: (url, until = () => false) => follow(url, {}, until),
    submit: ({ action, origin, fields }, more, until = () => false) =>
      follow(action, { method: 'POST', headers: { origin }, body: new URLSearchParams({ ...fields, ...more }) }, until),
  }
}

/** The first form of a page, or undefined. It reads what simple pages say, and is no parser of HTML. */
export function findForm({ url, text }: Page): Form | undefined {
  const [tag] = /<form\b[^>]*>/i.exec(text) ?? []
  if (tag === undefined) return undefined
  const inputs = elements(text, 'input').map(input => [attribute(input, 'name') ?? '', attribute(input, 'value') ?? ''] as const)
  const buttons = elements(text, 'button').map(button => ({
    name: attribute(button, 'name') ?? '',
    value: attribute(button, 'value') ?? '',
  }))
  return {
    origin: new URL(url).origin,
    action: new URL(attribute(tag, 'action') ?? url, url).href,
    asks: elements(text, 'input').some(input => attribute(input, 'type') === 'text'),
    fields: Object.fromEntries(inputs.filter(([name]) => name !== '')),
    buttons,
  }
}

function elements(text: string, name: string): readonly string[] {
  return [...text.matchAll(new RegExp(`<${name}\\b[^>]*>`, 'gi'))].map(([tag]) => tag)
}

function attribute(tag: string, name: string): string | undefined {
  const [, value] = new RegExp(`\\s${name}="([^"]*)"`, 'i').exec(tag) ?? []
  return value?.replaceAll('&quot;', '"').replaceAll('&#39;', "'").replaceAll('&lt;', '<').replaceAll('&gt;', '>').replaceAll('&amp;', '&')
}
