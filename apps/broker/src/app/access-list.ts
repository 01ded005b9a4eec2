/**
 * Whatever acts in the name of a person, on their first page, each with a button that ends it. One form: a button says which of them. Pure.
 */

import type { LiveAccess } from '../auth/live-access.ts'
import type { DeviceFlowRow, FamilyRow, TokenRow } from '../stores/login-rows.ts'
import { type Html, html } from './html.ts'
import { ACCESS_PATH } from './links.ts'
import { showTime } from './page.ts'

export function showAccess({ approved, devices, tokens, isMore }: LiveAccess, formToken: string, base: string): Html {
  return html`<h2>What acts in your name</h2>
<form method="post" action="${base}${ACCESS_PATH}">
<input type="hidden" name="form_token" value="${formToken}">
${approved.length > 0 && html`<ul>${approved.map(showApproved)}</ul>`}
${devices.length > 0 ? html`<ul>${devices.map(showDevice)}</ul>` : html`<p>No device is logged in.</p>`}
${tokens.length > 0 ? html`<ul>${tokens.map(showToken)}</ul>` : html`<p>You have no personal token.</p>`}
${isMore && html`<p>There are more of them: <code>portolan logins list</code> and <code>portolan token list</code> show all.</p>`}
<p class="actions"><button type="submit" name="all" value="end">End all of it, and log out in every browser</button></p>
</form>`
}

function showApproved({ id, client, address, createdAt, expiresAt, project }: DeviceFlowRow): Html {
  return html`<li id="approval-${id}">Device <bdi>${client}</bdi>${showProject(project)}, let in but not here yet, asking since ${showTime(createdAt)} from <bdi>${address}</bdi>, until ${showTime(expiresAt)} at the latest
<button type="submit" name="approval" value="${id}" aria-describedby="approval-${id}">Do not let it in</button></li>`
}

function showDevice({ id, client, createdAt, expiresAt, project }: FamilyRow): Html {
  return html`<li id="device-${id}">Device <bdi>${client}</bdi>${showProject(project)}, logged in ${showTime(createdAt)}, until ${showTime(expiresAt)} at the latest
<button type="submit" name="device" value="${id}" aria-describedby="device-${id}">Log it out</button></li>`
}

function showToken({ id, name, createdAt, expiresAt, lastUsedAt, project }: TokenRow): Html {
  return html`<li id="token-${id}">Token <bdi>${name}</bdi>${showProject(project)}, made ${showTime(createdAt)}, ${
    lastUsedAt === undefined ? 'never used' : html`last used ${showTime(lastUsedAt)}`
  }, until ${showTime(expiresAt)}
<button type="submit" name="token" value="${id}" aria-describedby="token-${id}">Revoke it</button></li>`
}

function showProject(project: string | undefined): Html | undefined {
  return project === undefined ? undefined : html` for the project <code>${project}</code>`
}

/** `says`: what is no more. */
export function accessEndedPage(says: string, base: string): { readonly title: string; readonly body: Html } {
  return { title: 'It has ended', body: html`<p role="status">${says}</p><p><a href="${base}/app">To the first page</a></p>` }
}
