import { describe, expect, it } from 'vitest'
import { decideRefresh, type RefreshFacts } from './decide-refresh.ts'

const NOW = 1_760_000_000_000
const CURRENT = { number: 3, usedAgain: false }
/** Exchanged a second ago for the current one. */
const JUST_REPLACED = { number: 2, usedAt: NOW - 1_000, successor: 3, usedAgain: false }

function facts(changes: { token?: RefreshFacts['token']; family?: Partial<RefreshFacts['family']>; client?: string } = {}): RefreshFacts {
  return {
    now: NOW,
    client: changes.client ?? 'cli ada',
    family: { client: 'cli ada', expiresAt: NOW + 1, current: 3, ...changes.family },
    token: changes.token ?? CURRENT,
  }
}

describe('T02 a refresh token that is presented', () => {
  it.each<[string, RefreshFacts, ReturnType<typeof decideRefresh>]>([
    ['is exchanged if it is the current one', facts(), { action: 'rotate' }],
    ['is exchanged again if it was just replaced', facts({ token: JUST_REPLACED }), { action: 'rotateAgain' }],
    ['is exchanged again up to ten seconds later', facts({ token: { ...JUST_REPLACED, usedAt: NOW - 10_000 } }), { action: 'rotateAgain' }],
    ['ends the family behind ten seconds', facts({ token: { ...JUST_REPLACED, usedAt: NOW - 10_001 } }), { action: 'end', why: 'reuse' }],
    ['ends the family the third time', facts({ token: { ...JUST_REPLACED, usedAgain: true } }), { action: 'end', why: 'reuse' }],
    [
      'ends the family once its successor was exchanged itself',
      facts({ token: JUST_REPLACED, family: { current: 4 } }),
      { action: 'end', why: 'reuse' },
    ],
    [
      'ends the family if it is the one whose answer was said to be lost',
      facts({ token: { number: 2, usedAgain: false } }),
      { action: 'end', why: 'reuse' },
    ],
    ['ends the family if another client has it', facts({ client: 'cli mallory' }), { action: 'end', why: 'reuse' }],
    [
      'ends the family if it was just replaced and another client has it',
      facts({ client: 'cli mallory', token: JUST_REPLACED }),
      { action: 'end', why: 'reuse' },
    ],
    ['is too old with its family', facts({ family: { expiresAt: NOW } }), { action: 'end', why: 'expired' }],
    ['is refused with the reason for which its family ended', facts({ family: { why: 'logout' } }), { action: 'refuse', why: 'logout' }],
    [
      'says that the family had ended before it says that it is too old',
      facts({ family: { why: 'revoked', expiresAt: NOW } }),
      { action: 'refuse', why: 'revoked' },
    ],
    [
      'is exchanged again if the clock went back in between',
      facts({ token: { ...JUST_REPLACED, usedAt: NOW + 500 } }),
      { action: 'rotateAgain' },
    ],
  ])('%s', (_, given, decision) => {
    expect(decideRefresh(given)).toEqual(decision)
  })
})
