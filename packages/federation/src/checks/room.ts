/** Is the site there, and has it room now? Time can mend all of these. */

import type { CompiledSite } from '../compile.ts'
import { isCredentialTrouble, type SiteTrouble, sayTrouble } from '../site-trouble.ts'
import type { Check } from './check.ts'

export const siteDraining: Check = {
  code: 'SITE_DRAINING',
  requires: 'The site is not being drained.',
  check: ({ at }) =>
    at.site.draining
      ? {
          code: 'SITE_DRAINING',
          detail: `${at.site.name} is being drained and takes no new work`,
          fix: 'Wait until its operator ends the draining.',
        }
      : undefined,
}

export const siteDown: Check = {
  code: 'SITE_DOWN',
  requires: 'The site answers.',
  check: ({ at }) =>
    at.status.health === 'down'
      ? { code: 'SITE_DOWN', detail: saySilence(at), fix: fixOf(at.status.listTrouble, 'it is asked again and again') }
      : undefined,
}

function fixOf(trouble: SiteTrouble | undefined, promise: string): string {
  const isOurs = trouble !== undefined && isCredentialTrouble(trouble)
  return isOurs ? `Have the operator renew the credential; ${promise}.` : `Wait; ${promise}.`
}

function saySilence({ site, status: { listTrouble } }: CompiledSite): string {
  if (listTrouble === undefined) return `${site.name} does not answer`
  const said = sayTrouble(listTrouble, site)
  if (isCredentialTrouble(listTrouble)) return sayRefusal(site.name, said)
  if (listTrouble.kind === 'tokens') return `${site.name} cannot be asked: ${said}`
  return listTrouble.kind === 'status'
    ? `${site.name} cannot be followed: it last answered ${said}`
    : `${site.name} does not answer: ${said}`
}

export const breakerOpen: Check = {
  code: 'BREAKER_OPEN',
  requires: 'The site has not refused or failed the latest submissions.',
  check: ({ at }) =>
    at.status.submitBreakerOpen
      ? {
          code: 'BREAKER_OPEN',
          detail: sayFailures(at),
          fix: fixOf(at.status.submitTrouble, 'a trial submission follows by itself'),
        }
      : undefined,
}

function sayRefusal(name: string, said: string): string {
  return `${name} refuses the broker's credential: ${said}`
}

function sayFailures({ site, status: { submitTrouble } }: CompiledSite): string {
  const failed = `${site.name} failed the latest submissions and gets none for a while`
  if (submitTrouble === undefined) return failed
  const said = sayTrouble(submitTrouble, site)
  if (isCredentialTrouble(submitTrouble)) return sayRefusal(site.name, said)
  return submitTrouble.kind === 'status' ? `${failed}: it last answered ${said}` : `${failed}: ${said}`
}

export const noRoomNow: Check = {
  code: 'NO_ROOM_NOW',
  requires: "The site's window of tasks that do not run yet has a free place.",
  check: ({ at }) =>
    at.status.idle >= at.status.window
      ? {
          code: 'NO_ROOM_NOW',
          detail: `${at.site.name} has ${at.status.idle} tasks that do not run yet; ${at.status.window} are allowed`,
          fix: 'Wait; the task goes out as soon as others start there.',
        }
      : undefined,
}
