import { describe, expect, it } from 'vitest'
import { findAddressEnd } from './address-end.ts'

const AT = Date.parse('2026-11-22T07:17:00Z')
const SECONDS = String(AT / 1000)
const endOf = (query: string) => findAddressEnd(`https://store.example.org/b/x?${query}`)

describe('an address says when it ends', () => {
  it.each([
    ['signed for AWS', 'X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Date=20261122T070200Z&X-Amz-Expires=900&X-Amz-Signature=0a'],
    ['signed for AWS, in small letters', 'x-amz-date=20261122T070200Z&x-amz-expires=900&x-amz-signature=0a'],
    ['signed for Google', 'X-Goog-Date=20261122T070200Z&X-Goog-Expires=900&X-Goog-Signature=0a'],
    ['signed for AWS in the old way', `AWSAccessKeyId=a&Expires=${SECONDS}&Signature=b%3D`],
    ['signed for Google in the old way', `GoogleAccessId=a%40b&Expires=${SECONDS}&Signature=b%3D`],
    ['signed for CloudFront', `Expires=${SECONDS}&Signature=b~&Key-Pair-Id=K`],
    ['signed for Azure', 'sv=2024-11-04&st=2026-11-22T07:02:00Z&se=2026-11-22T07%3A17%3A00Z&sr=b&sp=r&sig=b%3D'],
    ['signed for Azure, to the minute', 'se=2026-11-22T07:17Z&sig=b'],
    ['signed for Azure, to a part of a second', 'se=2026-11-22T07:17:00.0000000Z&sig=b'],
    ['at the first of two ends', `X-Amz-Date=20261122T070200Z&X-Amz-Expires=901&Expires=${SECONDS}&Signature=b`],
    ['beside an end that is none', `X-Amz-Date=never&X-Amz-Expires=900&Expires=${SECONDS}&Signature=b`],
  ])('%s', (_, query) => {
    expect(endOf(query)).toBe(AT)
  })

  it('with the day alone, at its beginning', () => {
    expect(endOf('se=2026-11-22&sig=b')).toBe(Date.parse('2026-11-22T00:00:00Z'))
  })
})

describe('nobody knows when an address ends', () => {
  it.each([
    ['that has no query', ''],
    ['that is signed in a way of its own', 'token=abc&expiry=900'],
    ['whose life has no beginning', 'X-Amz-Expires=900&X-Amz-Signature=0a'],
    ['whose beginning has no life', 'X-Amz-Date=20261122T070200Z&X-Amz-Signature=0a'],
    ['with the life of one store and the beginning of another', 'X-Amz-Date=20261122T070200Z&X-Goog-Expires=900'],
    ['that says its life twice', 'X-Amz-Date=20261122T070200Z&X-Amz-Expires=900&x-amz-expires=1'],
    ['with a life of no seconds', 'X-Amz-Date=20261122T070200Z&X-Amz-Expires=0'],
    ['with a life below zero', 'X-Amz-Date=20261122T070200Z&X-Amz-Expires=-900'],
    ['with a life in parts of a second', 'X-Amz-Date=20261122T070200Z&X-Amz-Expires=900.5'],
    ['with a life that is a number to JavaScript alone', 'X-Amz-Date=20261122T070200Z&X-Amz-Expires=9e2'],
    ['with a life of ages', 'X-Amz-Date=20261122T070200Z&X-Amz-Expires=999999999999'],
    ['with a life of more digits than anybody counts', `X-Amz-Date=20261122T070200Z&X-Amz-Expires=${'9'.repeat(400)}`],
    ['that begins on no day', 'X-Amz-Date=20260231T070200Z&X-Amz-Expires=900'],
    ['that begins at no time', 'X-Amz-Date=20261122T240000Z&X-Amz-Expires=900'],
    ['that begins in no zone', 'X-Amz-Date=20261122T070200&X-Amz-Expires=900'],
    ['with an end, and no signature', `Expires=${SECONDS}`],
    ['with an end in milliseconds', `Expires=${AT}&Signature=b`],
    ['with a life in the place of its end', 'Expires=900&Signature=b'],
    ['with the end of all time', 'Expires=9999999999&Signature=b'],
    ['with an end that is a day of the week', 'Expires=Sun%2C+22+Nov+2026+07%3A17%3A00+GMT&Signature=b'],
    ['with an end for Azure, and no signature', 'se=2026-11-22T07:17:00Z'],
    ['with an end for Azure that is in another zone', 'se=2026-11-22T07:17:00%2B01:00&sig=b'],
    ['with an end for Azure in no month', 'se=2026-13-22T07:17:00Z&sig=b'],
    ['with an end for Azure beyond all years', 'se=%2B275760-09-13T00:00:00Z&sig=b'],
  ])('%s', (_, query) => {
    expect(endOf(query)).toBeUndefined()
  })

  it('that is none, or says it elsewhere than in its query', () => {
    const query = `Expires=${SECONDS}&Signature=b`
    expect([`${query}`, `https://[/?${query}`, `https://x.org/?a#${query}`].map(findAddressEnd)).toEqual([undefined, undefined, undefined])
  })
})
