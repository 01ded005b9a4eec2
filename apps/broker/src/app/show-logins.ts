/**
 * The choice of a login.
 */
import { type Html, html } from './html.ts'
import { loginLink } from './links.ts'

export interface ChoosableLogin {
  readonly id: string
  readonly name: string
}

/** A link for each login; `returnTo`: the path of the page that follows. */
export function showLogins(logins: readonly ChoosableLogin[], returnTo: string, base: string): Html {
  return html`<p class="actions">${logins.map(
    ({ id, name }) => html`<a class="button first" href="${loginLink(base, id, returnTo)}">Log in with ${name}</a>
`,
  )}</p>
<p class="quiet">You are sent to the login, and come back here. This broker never sees your password, and its cookies are gone when you log out.</p>`
}
