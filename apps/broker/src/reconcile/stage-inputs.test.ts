import type { LinkWish, LocationId } from '@portolan/federation'
import { describe, expect, it } from 'vitest'
import type { Links, StagedAnswer } from '../data/links.ts'
import type { StoreFailure } from '../data/object-store.ts'
import { stageInputs } from './stage-inputs.ts'

const wish = (path: string): LinkWish => ({ path, url: `s3://b${path}`, location: 'b' as LocationId, directory: false, lifeMs: 1000 })
const staged = (path: string): StagedAnswer => ({ outcome: 'staged', input: { path, files: [{ path, url: `https://b${path}?signed` }] } })
const failed = (path: string, kind: StoreFailure['kind'] = 'unreachable'): StagedAnswer => ({
  outcome: 'failed',
  path,
  failure: { kind, detail: 'no answer' },
})
const linksOf = (stage: Links['stage']): Links => ({ stage, forPerson: async () => undefined })
const MOST_BYTES = 100_000
const planOf = (...wishes: readonly LinkWish[]) => ({ wishes, looks: [] })
const { signal } = new AbortController()

describe('the links that a site needs', () => {
  it('are made all at once, in the order of the wishes', async () => {
    const links = linksOf(async wishes => wishes.map(({ path }) => staged(path)))
    const made = await stageInputs(links, planOf(wish('/a'), wish('/c')), MOST_BYTES, signal)
    expect(made).toMatchObject({ outcome: 'staged', staged: [{ path: '/a' }, { path: '/c' }] })
  })

  it('are asked of nobody where none is needed', async () => {
    const links = linksOf(() => Promise.reject(new Error('asked')))
    expect(await stageInputs(links, planOf(), MOST_BYTES, signal)).toEqual({ outcome: 'staged', staged: [], hosts: [] })
  })

  it('are none if one is missing, and the sentence names a few and holds no link', async () => {
    const paths = ['/a', '/b', '/c', '/d', '/e']
    const links = linksOf(async () => [staged('/a'), ...paths.slice(1).map(path => failed(path))])
    expect(await stageInputs(links, planOf(...paths.map(wish)), MOST_BYTES, signal)).toEqual({
      outcome: 'failed',
      lasting: false,
      why: 'No link could be made for inputs: /b: no answer; /c: no answer; /d: no answer; and 1 more',
    })
  })

  it('would not be made the next time either where the location cannot', async () => {
    const links = linksOf(async () => [failed('/a', 'unsupported')])
    expect(await stageInputs(links, planOf(wish('/a')), MOST_BYTES, signal)).toMatchObject({ outcome: 'failed', lasting: true })
  })

  it('name the hosts of those that are none of the broker alone', async () => {
    const given: StagedAnswer = {
      outcome: 'staged',
      input: { path: '/c', files: [{ path: '/c', url: 'https://f.org:8443/TOKEN' }] },
      foreign: true,
    }
    const links = linksOf(async () => [staged('/a'), given])
    expect(await stageInputs(links, planOf(wish('/a'), wish('/c')), MOST_BYTES, signal)).toMatchObject({
      outcome: 'staged',
      hosts: ['f.org:8443'],
    })
  })

  it('tell when the first of them ends that ends soon', async () => {
    const links = linksOf(async () => [{ ...staged('/a'), endsAt: 9_000 }, staged('/b'), { ...staged('/c'), endsAt: 5_000 }])
    const paths = ['/a', '/b', '/c'].map(wish)
    expect(await stageInputs(links, planOf(...paths), MOST_BYTES, signal)).toMatchObject({ outcome: 'staged', until: 5_000 })
  })

  it('are none while the rules of where an input lies have not been looked at, nor is what the site asks for by itself', async () => {
    const links = linksOf(async () => [staged('/a'), { outcome: 'moved', path: '/c' }])
    const moved = { outcome: 'moved', why: 'The server of input /c names a place whose rules have a say first' }
    expect(await stageInputs(links, planOf(wish('/a'), wish('/c')), MOST_BYTES, signal)).toEqual(moved)
    expect(await stageInputs(links, { wishes: [wish('/a')], looks: [wish('/c')] }, MOST_BYTES, signal)).toEqual(moved)
  })

  it('are not made for what is only looked at', async () => {
    const links = linksOf(async wishes => wishes.map(({ path }) => staged(path)))
    const made = await stageInputs(links, { wishes: [wish('/a')], looks: [wish('/c')] }, MOST_BYTES, signal)
    expect(made).toMatchObject({ outcome: 'staged', staged: [{ path: '/a' }] })
    expect(made).not.toMatchObject({ staged: [{}, {}] })
  })

  it('are not waited for longer than the limit', async () => {
    const links = linksOf(
      ([first], _mostBytes, asked) =>
        new Promise(resolve => asked.addEventListener('abort', () => resolve([failed(first?.path ?? '', 'timeout')]))),
    )
    expect(await stageInputs(links, planOf(wish('/a')), MOST_BYTES, signal, 5)).toMatchObject({ outcome: 'failed', lasting: false })
  })
})
