/**
 * A person at the pages of a broker, with a browser of their own.
 */
import { type Browser, findForm, openBrowser, type Page, type Stop } from '../login/browser.ts'
import { loginInBrowser } from '../login/person.ts'

export interface LoginWish {
  /** The id of the login. Default: `ls`. */
  readonly login?: string
  readonly returnTo?: string
  readonly browser?: Browser
}

/** Goes to the login and says who they are. Answers the address that leads back to the broker, not opened yet. */
export async function leaveForLogin(
  broker: string,
  person: string,
  { login = 'ls', returnTo, browser = openBrowser() }: LoginWish = {},
): Promise<string> {
  const query = new URLSearchParams({ issuer: login, ...(returnTo !== undefined && { return_to: returnTo }) })
  return await loginInBrowser(`${broker}/app/login?${query}`, person, browser)
}

export interface LoggedIn {
  readonly browser: Browser
  /** The page that they land on. */
  readonly page: Page
}

/** Logs in, whether that ends well or not. */
export async function logInAtBroker(broker: string, person: string, wish: LoginWish = {}): Promise<LoggedIn> {
  const { browser = openBrowser() } = wish
  const back = await leaveForLogin(broker, person, { ...wish, browser })
  return { browser, page: pageOf(await browser.open(back)) }
}

/** Logs in and decides about the device of this code. Answers the page that says how that went. */
export async function decideAtBroker(
  broker: string,
  person: string,
  userCode: string,
  more: Readonly<Record<string, string>>,
): Promise<Page> {
  const returnTo = `/app/device?user_code=${userCode}`
  const { browser, page } = await logInAtBroker(broker, person, { returnTo })
  return await submit(browser, page, more)
}

/** Sends the form of a page. */
export async function submit(browser: Browser, page: Page, more: Readonly<Record<string, string>> = {}): Promise<Page> {
  const form = findForm(page)
  if (form === undefined) throw new Error(`There is no form: ${wordsOf(page)}`)
  return pageOf(await browser.submit(form, more))
}

/** What a page says, without its markup. */
export function wordsOf({ text }: Page): string {
  const words = text
    .replace(/<(style|head)\b[\s\S]*?<\/\1>/gi, '')
    .replace(/<[^>]*>/g, ' ')
    .replace(/&(lt|gt|quot|amp|#39);/g, (_, name: string) => ({ lt: '<', gt: '>', quot: '"', amp: '&', '#39': "'" })[name] ?? '')
  return words.replace(/\s+/g, ' ').trim()
}

function pageOf(place: Page | Stop): Page {
  if (place.kind === 'stop') throw new Error(`stopped at ${place.url}`)
  return place
}
