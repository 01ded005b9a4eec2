/**
 * The pages that a person sees. Plain forms, which people, programs and a real browser can all fill in.
 */
import type { Person } from './settings.ts'

export function loginPage(people: readonly Person[], action: string): string {
  const buttons = people.map(
    ({ id, name }) => `<p><button type="submit" name="person" value="${quote(id)}">Log in as ${quote(name)}</button></p>`,
  )
  return page(
    'Log in',
    `<p>This is a login for tests. Who are you?</p>
<form method="post" action="${quote(action)}">
${buttons.join('\n')}
<p><button type="submit" name="cancel" value="yes">Cancel</button></p>
</form>`,
  )
}

/** `form` is the provider's, with id and hidden fields. */
export function confirmDevicePage(form: string, client: string, userCode: string): string {
  return page(
    'Connect a device',
    `<p><strong>${quote(client)}</strong> asks to act for you. Does it show the code <code>${quote(userCode)}</code>?</p>
${form}
<p><button type="submit" form="op.deviceConfirmForm">Continue</button>
<button type="submit" form="op.deviceConfirmForm" name="abort" value="yes">Cancel</button></p>`,
  )
}

export function enterCodePage(form: string, problem?: string): string {
  const remark = problem === undefined ? '' : `<p role="alert">${quote(problem)}</p>\n`
  return page(
    'Connect a device',
    `${remark}<p>Which code does the device show?</p>\n${form}\n<p><button type="submit" form="op.deviceInputForm">Continue</button></p>`,
  )
}

/** `form` is the provider's, with id and hidden fields. */
export function logoutPage(form: string): string {
  return page(
    'Log out',
    `<p>Do you want to log out?</p>\n${form}\n<p><button type="submit" form="op.logoutForm" name="logout" value="yes">Log out</button></p>`,
  )
}

export function testPhasePage(): string {
  return page('Unauthorized environment', '<p>This service is in its test phase, and you are not a member of the test group.</p>')
}

/** A page of one sentence. */
export function noticePage(title: string, sentence: string): string {
  return page(title, `<p>${quote(sentence)}</p>`)
}

function page(title: string, body: string): string {
  return `<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><title>${quote(title)}</title></head>
<body>
<main>
<h1>${quote(title)}</h1>
${body}
</main>
</body>
</html>
`
}

const ENTITIES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' }

function quote(text: string): string {
  return text.replace(/[&<>"']/g, character => ENTITIES[character] ?? character)
}
