import { describe, expect, it } from 'vitest'
import { attemptId, siteId, workId } from '../test/tracking-builders.ts'
import { checkTag, formatTag, parseTag, TAG_ATTEMPT, tagPayload, type VerifyTag } from './tag-payload.ts'

const FACTS = { broker: 'b', site: siteId('surf'), work: workId('w1'), attempt: attemptId('a1'), nonce: 'n' }
const sign = (keyId: string, payload: string): string => `${keyId}-${payload.replaceAll(/[^a-z0-9]/gu, '_')}`
const verify: VerifyTag = (keyId, payload, signature) => signature === sign(keyId, payload)
const TAGS = formatTag(FACTS, 'k', sign('k', tagPayload(FACTS)))

describe('tags', () => {
  it('are read as they were written', () => {
    expect(parseTag(TAGS)).toMatchObject({ broker: 'b', work: 'w1', attempt: 'a1', nonce: 'n', keyId: 'k' })
    expect(checkTag(TAGS, FACTS, verify)).toEqual({ work: 'w1', attempt: 'a1' })
  })

  it.each([
    ['copied to another site', TAGS, { ...FACTS, site: siteId('charite') }],
    ['of another broker', TAGS, { ...FACTS, broker: 'c' }],
    ['moved to another task', { ...TAGS, 'portolan.task': 'w2' }, FACTS],
    ['signed by another key', formatTag(FACTS, 'k', sign('other', tagPayload(FACTS))), FACTS],
    ['without a signature', { ...TAGS, [TAG_ATTEMPT]: 'a1.n.k.' }, FACTS],
    ['with a part too many', { ...TAGS, [TAG_ATTEMPT]: `${TAGS[TAG_ATTEMPT]}.x` }, FACTS],
    ['that are not there', {}, FACTS],
  ])('T10 %s are foreign', (_, tags, expected) => {
    expect(checkTag(tags, expected, verify)).toBeUndefined()
  })
})
