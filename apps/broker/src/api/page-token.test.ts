import type { ProjectId } from '@portolan/federation'
import { describe, expect, it } from 'vitest'
import { LOCAL } from '../auth/principal.ts'
import { createPageTokens } from './page-token.ts'
import { createWorkIds } from './work-id.ts'

const tokens = createPageTokens(new Uint8Array(32).fill(7))
const after = createWorkIds(Date.now)()
const lab = 'lab' as ProjectId
const filter = { namePrefix: 'a', tags: [['k', 'v']] as const }

describe('T03 a page token', () => {
  const token = tokens.sign(LOCAL, filter, after)

  it('leads back to the item after which the next page begins', () => {
    expect(tokens.verify(LOCAL, filter, token)).toBe(after)
  })

  it.each([
    ['somebody else', { ...LOCAL, subject: 'eve' }, filter, token],
    ['the same subject of another issuer', { ...LOCAL, issuer: 'https://login.example' }, filter, token],
    ['a credential for one project', { ...LOCAL, project: lab }, filter, token],
    ['more projects to see', { ...LOCAL, sees: [lab] }, filter, token],
    ['the right to see all', { ...LOCAL, roles: ['admin' as const], scopes: ['admin' as const] }, filter, token],
    ['another name prefix', LOCAL, { ...filter, namePrefix: 'b' }, token],
    ['another state', LOCAL, { ...filter, state: 'RUNNING' as const }, token],
    ['other tags', LOCAL, { ...filter, tags: [] }, token],
    ['one changed character', LOCAL, filter, `${token.startsWith('A') ? 'B' : 'A'}${token.slice(1)}`],
    ['a cut end', LOCAL, filter, token.slice(0, -1)],
    ['something appended', LOCAL, filter, `${token}=`],
    ['nothing of ours', LOCAL, filter, 'next'],
  ])('is worth nothing with %s', (_, principal, otherFilter, text) => {
    expect(tokens.verify(principal, otherFilter, text)).toBeUndefined()
  })

  it('of another key is worth nothing', () => {
    expect(createPageTokens(new Uint8Array(32)).verify(LOCAL, filter, token)).toBeUndefined()
  })
})
