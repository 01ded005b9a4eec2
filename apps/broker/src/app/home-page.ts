/**
 * The first page: the choice of a login, or who is logged in and what they can do here. Pure.
 */

import type { LiveAccess } from '../auth/live-access.ts'
import { HOME } from '../auth/rules/return-to.ts'
import { showAccess } from './access-list.ts'
import { type Html, html } from './html.ts'
import { DEVICE_PATH, LOGOUT_PATH } from './links.ts'
import type { Page } from './page.ts'
import { type ChoosableLogin, showLogins } from './show-logins.ts'

/** `notice`: why the session that there was is none. `returnTo`: the path of the page that follows. */
export function welcomePage(logins: readonly ChoosableLogin[], notice: string | undefined, base: string, returnTo: string = HOME): Page {
  return {
    title: 'Log in',
    body: html`${notice !== undefined && html`<p role="status">${notice}</p>`}
<p>One address for the work of many sites: tasks are sent here, and run where their data lies.</p>
${showLogins(logins, returnTo, base)}`,
  }
}

export interface HomeView {
  /** For people; absent: their login says none. */
  readonly name?: string | undefined
  readonly loginName: string
  readonly subject: string
  readonly isAdmin: boolean
  readonly projects: readonly { readonly id: string; readonly name: string }[]
  /** Why they are in no project, and what opens one. */
  readonly missing?: MissingView | undefined
  readonly access: LiveAccess
  readonly formToken: string
}

export interface MissingView {
  readonly says: string
  readonly ways: readonly { readonly entitlement?: string | undefined; readonly ask: string }[]
  /** How many entitlements did not count. */
  readonly ignored?: number | undefined
}

export function homePage(view: HomeView, base: string): Page {
  const { name, loginName, subject, isAdmin, projects, missing, access, formToken } = view
  return {
    title: name === undefined ? 'You are logged in' : `Hello, ${name}`,
    body: html`<dl>
<dt>Login</dt><dd>${loginName}</dd>
<dt>Known there as</dt><dd><code>${subject}</code></dd>
${isAdmin && html`<dt>Rights</dt><dd>You are an administrator of this broker.</dd>`}
</dl>
<form method="post" action="${base}${LOGOUT_PATH}" class="actions">
<input type="hidden" name="form_token" value="${formToken}">
<button type="submit">Log out</button>
</form>
<h2>Your projects</h2>
${projects.length > 0 ? showProjects(projects) : missing && showMissing(missing)}
<h2>Let in a command line or another device</h2>
<p>It shows a short code. <a href="${base}${DEVICE_PATH}">Enter the code</a></p>
<h2>Tokens for workflow engines</h2>
<p>Engines that cannot log in take a personal token: <code>portolan login</code>, then <code>portolan token create</code>. It is shown once.</p>
${showAccess(access, formToken, base)}`,
  }
}

function showProjects(projects: HomeView['projects']): Html {
  return html`<ul>${projects.map(({ id, name }) => html`<li><bdi>${name}</bdi> (<code>${id}</code>)</li>`)}</ul>`
}

function showMissing({ says, ways, ignored }: MissingView): Html {
  return html`<div class="alarm">
<p>${says}</p>
${
  ways.length > 0 &&
  html`<ul>${ways.map(
    ({ entitlement, ask }) =>
      html`<li>${entitlement === undefined ? 'To be named a member' : html`<code>${entitlement}</code>`}: ask ${ask}</li>`,
  )}</ul>`
}
${
  ignored !== undefined &&
  html`<p>Your login sent ${ignored} ${ignored === 1 ? 'entitlement that does' : 'entitlements that do'} not count here: they are malformed, or of an
authority that this broker does not take from it.</p>`
}
</div>`
}

export interface LogoutView {
  readonly loginName?: string | undefined
  readonly endSessionUrl?: string | undefined
  readonly untold: boolean
}

/** The browser goes on to the login by itself: a form of ours may lead nowhere else, so it is no answer to the form that does it. */
export function loggedOutPage({ loginName, endSessionUrl, untold }: LogoutView, base: string): Page {
  return {
    title: 'You are logged out',
    goOnTo: endSessionUrl,
    body: html`<p role="status">Your session here is over.</p>
${untold && html`<p>${loginName} did not answer, so you may still be logged in there.</p>`}
${endSessionUrl !== undefined && html`<p><a href="${endSessionUrl}">Log out at ${loginName} too</a></p>`}
<p><a href="${base}${HOME}">Back to the first page</a></p>`,
  }
}
