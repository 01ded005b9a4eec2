/** Is the site there, and has it room now? Time can mend all of these. */
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
      ? { code: 'SITE_DOWN', detail: `${at.site.name} does not answer`, fix: 'Wait; it is asked again and again.' }
      : undefined,
}

export const breakerOpen: Check = {
  code: 'BREAKER_OPEN',
  requires: 'The site has not refused or failed the latest submissions.',
  check: ({ at }) =>
    at.status.submitBreakerOpen
      ? {
          code: 'BREAKER_OPEN',
          detail: `${at.site.name} failed the latest submissions and gets none for a while`,
          fix: 'Wait; a trial submission follows by itself.',
        }
      : undefined,
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
