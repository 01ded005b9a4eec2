/**
 * Who one is, as lines. Pure.
 */
import type { Me } from '@portolan/broker/portolan-schemas'
import type { Line } from './output/line.ts'
import { showTime } from './show-task.ts'

const KINDS: Readonly<Record<NonNullable<Me['credential']>['kind'], string>> = {
  access: 'an access token of this broker',
  personal: 'a personal token',
  session: 'a session of a browser',
  foreign: 'a token of the login itself',
}

export function describeMe(me: Me): readonly Line[] {
  const { mode, issuer, subject, name, scopes, admin, projects, credential, claims, linked, missing } = me
  if (mode === 'open') return [row('person', 'local: this broker is open, and everybody is this one person')]
  const lines: Line[] = [row('person', name === undefined ? `${subject}@${issuer}` : `${name} (${subject}@${issuer})`)]
  if (linked) lines.push(row('linked', `${linked.subject}@${linked.issuer}`))
  lines.push(row('may', `${scopes.join(', ') || 'nothing'}${admin ? '; an administrator' : ''}`))
  lines.push(row('projects', projects.map(showProject).join(', ') || 'none'))
  if (credential) {
    const bound = credential.project === undefined ? '' : `, for the project ${credential.project} only`
    lines.push(row('by', `${KINDS[credential.kind]}${bound}, until ${showTime(credential.expires_at)}`))
  }
  if (claims) lines.push(row('login says', `so since ${showTime(claims.said_at)}`))
  return missing ? [...lines, ...describeMissing(missing)] : lines
}

function describeMissing({ says, ways, ignored }: NonNullable<Me['missing']>): readonly Line[] {
  const rows = ways.map((way): Line => [`  ${way.entitlement ?? 'a place on the list of members'}  (ask ${way.ask})`])
  const more: Line[] = ignored
    ? [
        [
          `${ignored} ${ignored === 1 ? 'entitlement' : 'entitlements'} of yours do not count here: not readable, or of an authority that is not trusted`,
        ],
      ]
    : []
  return [[{ text: says, style: 'yellow' }], ...rows, ...more]
}

function showProject({ id, name }: Me['projects'][number]): string {
  return name === id ? id : `${id} (${name})`
}

function row(key: string, value: string): Line {
  return [{ text: key.padEnd(12), style: 'dim' }, value]
}
