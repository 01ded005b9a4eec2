import { expect, it, onTestFinished } from 'vitest'
import { needlesOf, tokenNeedles } from './needles.ts'
import { keep, watchRemains } from './remains.ts'
import { makeMarker } from './secrets.ts'

it('a secret that comes in two parts is found, however much lies before it', () => {
  const marker = makeMarker()
  const watch = watchRemains([...needlesOf(marker), ...tokenNeedles()])
  onTestFinished(() => watch.end())
  for (const bytes of [0, 1024 * 1024 - 30]) {
    keep('log', `a log of ${bytes}`, Buffer.alloc(bytes, 'a'))
    const escaped = marker.replace(/./g, letter => `%${letter.charCodeAt(0).toString(16)}`)
    for (const part of [escaped.slice(0, 31), escaped.slice(31)]) keep('log', `a log of ${bytes}`, part)
  }
  expect(watch.findings().map(({ of, what }) => [of, what])).toEqual([
    ['a log of 0', 'the marker (percent)'],
    ['a log of 1048546', 'the marker (percent)'],
  ])
})
