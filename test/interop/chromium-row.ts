/**
 * The row `chromium`: a person at a real browser logs in by the web page, lets a device in, and logs out.
 */
import assert from 'node:assert/strict'
import { type BrowserContext, chromium, type Page } from 'playwright-core'
import { startBrokerWithLogin } from '../harness/broker-with-login.ts'
import { DEVICE_GRANT } from '../harness/oauth.ts'
import { findProgram, type Need } from './needs.ts'
import type { Row, Stage } from './row.ts'

const CHROMIUM: Need = { program: 'chromium', package: 'chromium' }
const PATIENCE_MS = 20_000

export const CHROMIUM_ROW: Row = {
  name: 'chromium',
  shows: 'a real browser logs in by the web page and out again, keeps cookies that no script can read, and has nothing to complain of',
  needs: [CHROMIUM],
  limitSeconds: 120,
  run: runRow,
}

async function runRow({ folder, say }: Stage): Promise<void> {
  await using broker = await startBrokerWithLogin()
  const browser = await chromium.launch({
    executablePath: findProgram(CHROMIUM.program) ?? CHROMIUM.program,
    args: ['--no-sandbox', '--disable-background-networking', `--crash-dumps-dir=${folder}`],
  })
  try {
    const context = await browser.newContext()
    context.setDefaultTimeout(PATIENCE_MS)
    const complaints: string[] = []
    const page = await context.newPage()
    // The login has pages of its own.
    page.on('console', message => {
      const { url } = message.location()
      if (url.startsWith(broker.url)) complaints.push(`${message.text()} (${url})`)
    })
    page.on('pageerror', error => void complaints.push(error.message))

    await page.goto(`${broker.url}/app`)
    await page.getByRole('link', { name: 'Log in with LS' }).click()
    await page.getByRole('button', { name: 'Log in as Alice Test' }).click()
    await page.getByRole('heading', { name: 'Hello, Alice Test' }).waitFor()
    assert.equal(page.url(), `${broker.url}/app`)
    assert.ok(await page.getByText('Cancer cohorts').isVisible(), 'her project is not on the page')
    await checkCookies(context, page, broker.url)
    say('she is logged in, and the page says who she is')

    await decideByTyping(page, broker.url)
    say('a device is let in by the code that it shows')

    await page.goto(`${broker.url}/app`)
    await page.getByRole('button', { name: 'Log it out' }).click()
    await page.getByText('The device is logged out.').waitFor()
    await page.goto(`${broker.url}/app`)
    await page.getByText('No device is logged in.').waitFor()
    say('she logs the device out again')

    await page.goto(`${broker.url}/app`)
    await page.getByRole('button', { name: 'Log out', exact: true }).click()
    await page.waitForURL(url => url.pathname !== '/app/logout')
    await page.goto(`${broker.url}/app`)
    await page.getByRole('link', { name: 'Log in with LS' }).waitFor()
    assert.deepEqual(await ownCookies(context, broker.url), [], 'cookies are left')
    assert.deepEqual(complaints, [], 'the browser complains')
    say('she is logged out, and nothing is left in the browser')
  } finally {
    await browser.close()
  }
}

/** That of the login, which is over soon, and that of the session: no script reads them, and no other site's page sends them along. */
async function checkCookies(context: BrowserContext, page: Page, url: string): Promise<void> {
  const cookies = await ownCookies(context, url)
  assert.deepEqual(
    cookies.map(({ name, httpOnly, secure, sameSite, path }) => [name.startsWith('__Host-'), httpOnly, secure, sameSite, path]),
    [
      [true, true, true, 'Lax', '/'],
      [true, true, true, 'Lax', '/'],
    ],
    'the cookies',
  )
  assert.equal(await page.evaluate('document.cookie'), '', 'a script reads cookies')
}

/** Cookies know no port: those of the login on the same host do not count. */
async function ownCookies(context: BrowserContext, url: string) {
  return (await context.cookies(url)).filter(({ name }) => name.includes('portolan'))
}

/** Types the code as a person does who reads it from another screen. */
async function decideByTyping(page: Page, url: string): Promise<void> {
  const answer = await fetch(`${url}/portolan/v1/oauth/device`, {
    method: 'POST',
    body: new URLSearchParams({ client_id: 'portolan-cli' }),
    signal: AbortSignal.timeout(PATIENCE_MS),
  })
  const { user_code: code, device_code: device }: { readonly user_code: string; readonly device_code: string } = JSON.parse(
    await answer.text(),
  )
  await page.getByRole('link', { name: 'Enter the code' }).click()
  await page.getByLabel('The code that the device shows').fill(code.toLowerCase())
  await page.getByRole('button', { name: 'Go on' }).click()
  await page.getByRole('button', { name: 'Let it in' }).click()
  await page.getByRole('heading', { name: 'The device is let in' }).waitFor()
  const tokens = await fetch(`${url}/portolan/v1/oauth/token`, {
    method: 'POST',
    body: new URLSearchParams({ grant_type: DEVICE_GRANT, device_code: device, client_id: 'portolan-cli' }),
    signal: AbortSignal.timeout(PATIENCE_MS),
  })
  assert.equal(tokens.status, 200, await tokens.text())
}
