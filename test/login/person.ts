/**
 * What a person does at the login: says who they are, approves a device, cancels. Each walks the pages that a real browser would show.
 */
import { type Browser, findForm, openBrowser, type Page, type Stop } from './browser.ts'

const MOST_PAGES = 10

/** Logs in: from an address that leads to the login, such as an authorization URL or a page of the service that redirects there, up to the
 * redirect back to the service. Answers that address without opening it; `browser.open` performs it. Rejects with the page's words where the
 * person ends at a page instead. */
export async function loginInBrowser(url: string, person: string, browser: Browser = openBrowser()): Promise<string> {
  return backAtService(await walk(browser, url, { person }))
}

/** Like `loginInBrowser`, but the person cancels where they should say who they are. */
export async function cancelLogin(url: string, browser: Browser = openBrowser()): Promise<string> {
  return backAtService(await walk(browser, url, { cancel: 'yes' }))
}

/** Opens the address that a device shows, confirms its code and logs in. Rejects with the page's words where that fails. */
export async function approveDevice(verificationUriComplete: string, person: string): Promise<void> {
  const end = await walk(openBrowser(), verificationUriComplete, { person })
  // Where a code is not taken, the page asks for another one.
  if (end.kind === 'stop' || end.status !== 200 || findForm(end) !== undefined)
    throw new Error(`the device was not approved: ${wordsOf(end)}`)
}

/** Opens the address that a device shows and refuses. */
export async function refuseDevice(verificationUriComplete: string): Promise<void> {
  await walk(openBrowser(), verificationUriComplete, { abort: 'yes' })
}

/** Presses the button of the choice where a page has it, the only other way on where it has not, and ends where there is no way on. */
async function walk(browser: Browser, start: string, choice: Readonly<Record<string, string>>): Promise<Page | Stop> {
  let redirectUri: string | undefined
  const isBack = (url: string): boolean => {
    redirectUri ??= new URL(url).searchParams.get('redirect_uri') ?? undefined
    return redirectUri !== undefined && placeOf(url) === placeOf(redirectUri)
  }
  isBack(start)
  let place = await browser.open(start, isBack)
  for (let pages = 0; pages < MOST_PAGES && place.kind === 'page'; pages++) {
    const form = findForm(place)
    if (form === undefined || form.asks) return place
    const isOffered = form.buttons.some(({ name, value }) => choice[name] === value)
    place = await browser.submit(form, isOffered ? choice : {}, isBack)
  }
  return place
}

/** An address without its query. */
function placeOf(url: string): string {
  const { origin, pathname } = new URL(url)
  return `${origin}${pathname}`
}

function backAtService(end: Page | Stop): string {
  if (end.kind === 'page') throw new Error(`the login ended at a page: ${wordsOf(end)}`)
  return end.url
}

function wordsOf(end: Page | Stop): string {
  if (end.kind === 'stop') return end.url
  const words = end.text.replace(/<(script|style|head)\b[\s\S]*?<\/\1>/gi, '').replace(/<[^>]*>/g, ' ')
  return `${end.status} ${words.replace(/\s+/g, ' ').trim()}`
}
