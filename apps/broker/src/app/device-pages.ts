/**
 * The pages by which a person lets a device in (RFC 8628, section 3.3). A code may have been sent by somebody who wants to be let in: so the page
 * shows what asks and from where before anything can be decided, and says what it means. Pure.
 */
import type { Scope } from '../auth/principal.ts'
import { showUserCode } from '../auth/tokens/user-code.ts'
import type { DeviceFlowRow } from '../stores/login-rows.ts'
import { type Html, html } from './html.ts'
import { DEVICE_PATH, devicePath } from './links.ts'
import { type Page, showTime } from './page.ts'
import { type ChoosableLogin, showLogins } from './show-logins.ts'

export function loginFirstPage(logins: readonly ChoosableLogin[], userCode: string, base: string, status = 200): Page {
  return {
    status,
    title: 'Log in to let a device in',
    body: html`<p>A device that you let in acts in your name, so say first who you are.</p>
${showLogins(logins, devicePath(userCode), base)}`,
  }
}

/** `problem`: why the code that was given cannot be gone on with. */
export function enterCodePage(base: string, problem?: { readonly status: 400 | 404; readonly says: string }): Page {
  return {
    status: problem?.status ?? 200,
    title: 'Let a device in',
    body: html`${problem && html`<p class="alarm" role="alert" id="problem">${problem.says}</p>`}
<form method="get" action="${base}${DEVICE_PATH}">
<label for="user_code">The code that the device shows</label>
<input class="code" id="user_code" name="user_code" type="text" required maxlength="20" autocomplete="off" autocapitalize="characters" spellcheck="false"${
      problem && html` aria-invalid="true" aria-describedby="problem"`
    }>
<p class="actions"><button class="first" type="submit">Go on</button></p>
</form>
<p class="quiet">Enter a code only if you have just begun to log in on a device of your own. Nobody else ever needs you to enter one.</p>`,
  }
}

const MAY: Readonly<Record<Scope, string>> = {
  read: 'see your tasks, their logs and results',
  write: 'submit and cancel tasks in your name',
  admin: 'see and manage the work of everybody, as an administrator',
}

export interface ConfirmView {
  readonly flow: DeviceFlowRow
  /** As it is stored. */
  readonly userCode: string
  /** What of that which it asks for can be granted. */
  readonly scopes: readonly Scope[]
  readonly projects: readonly { readonly id: string; readonly name: string }[]
  readonly person: string
  readonly formToken: string
}

export function confirmDevicePage({ flow, userCode, scopes, projects, person, formToken }: ConfirmView, base: string): Page {
  return {
    title: 'Let this device in?',
    body: html`<p>Logged in as <bdi>${person}</bdi>.</p>
<dl>
<dt>Code</dt><dd class="code">${showUserCode(userCode)}</dd>
<dt>What asks</dt><dd><bdi>${flow.client}</bdi></dd>
<dt>From the address</dt><dd><bdi>${flow.address}</bdi></dd>
<dt>At</dt><dd>${showTime(flow.createdAt)}</dd>
<dt>It may then</dt><dd>${scopes.length > 0 ? html`<ul>${scopes.map(scope => html`<li>${MAY[scope]}</li>`)}</ul>` : 'nothing that you may do yourself'}</dd>
</dl>
<div class="alarm"><p>Go on only if you have just begun this login yourself, on a device before you that shows this very code. Whoever has the device
acts in your name until it is logged out. <strong>If somebody sent you the code or this address, refuse.</strong></p></div>
<form method="post" action="${base}${DEVICE_PATH}">
<input type="hidden" name="form_token" value="${formToken}">
<input type="hidden" name="user_code" value="${userCode}">
${projects.length > 1 && chooseProject(projects)}
<p class="actions">
${scopes.length > 0 && html`<button class="first" type="submit" name="decision" value="approve">Let it in</button>`}
<button type="submit" name="decision" value="refuse">Refuse</button>
</p>
</form>`,
  }
}

function chooseProject(projects: ConfirmView['projects']): Html {
  return html`<label for="project">For which of your projects</label>
<select id="project" name="project">
<option value="">all of them</option>
${projects.map(({ id, name }) => html`<option value="${id}">${name} (${id})</option>`)}
</select>`
}

export function decidedPage(isApproved: boolean, base: string): Page {
  return isApproved
    ? notePage('The device is let in', 'It goes on by itself within a few seconds. You can close this page.', base)
    : notePage(
        'The device is refused',
        'It gets nothing, and its code is worth nothing any more. If you did not begin this login, somebody else did: tell the operator of this broker.',
        base,
      )
}

export function alreadyDecidedPage(base: string): Page {
  return notePage(
    'This was decided before',
    'Each code is decided about once. Begin the login on the device again to get a new one.',
    base,
    409,
  )
}

function notePage(title: string, says: string, base: string, status?: number): Page {
  return { status, title, body: html`<p role="status">${says}</p><p><a href="${base}/app">To the first page</a></p>` }
}
