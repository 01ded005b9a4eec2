import type { ProjectId } from '@portolan/federation'
import { describe, expect, it } from 'vitest'
import type { DeviceFlowId, DeviceFlowRow, FamilyId, TokenId } from '../stores/login-rows.ts'
import { accessEndedPage } from './access-list.ts'
import { alreadyDecidedPage, confirmDevicePage, decidedPage, enterCodePage, loginFirstPage } from './device-pages.ts'
import { foreignFormPage } from './forms.ts'
import { homePage, loggedOutPage, welcomePage } from './home-page.ts'
import { type Page, renderPage } from './page.ts'
import { problemPage } from './problem-page.ts'

const EVIL = `"><script>alert(1)</script><img src=x onerror='x'>\u202e`
const LOGINS = [
  { id: 'ls', name: EVIL },
  { id: 'lab', name: 'Lab' },
]
const PROJECTS = [
  { id: 'cancer', name: EVIL },
  { id: 'rare', name: 'Rare diseases' },
]
const FLOW: DeviceFlowRow = {
  id: 'd' as DeviceFlowId,
  state: 'pending',
  client: EVIL,
  address: EVIL,
  scopes: ['read', 'write'],
  createdAt: Date.UTC(2026, 10, 22, 13, 45, 12),
  expiresAt: Date.UTC(2026, 10, 22, 13, 55, 12),
}
const OWN = {
  owner: { issuer: 'i', subject: 's' },
  scopes: ['read'],
  project: 'cancer' as ProjectId,
  createdAt: 0,
  expiresAt: 1,
  lastUsedAt: 0,
} as const
const ACCESS = {
  approved: [{ ...FLOW, state: 'approved', project: 'cancer' as ProjectId }],
  devices: [{ ...OWN, id: 'f' as FamilyId, client: EVIL, current: 1 }],
  tokens: [{ ...OWN, id: 't' as TokenId, name: EVIL }],
  isMore: true,
} as const
const NOTHING = { approved: [], devices: [], tokens: [], isMore: false }
const HOME = { loginName: EVIL, subject: EVIL, isAdmin: true, projects: PROJECTS, access: ACCESS, formToken: 't' }
const CONFIRM = { flow: FLOW, userCode: 'BCDFGHJK', scopes: ['read', 'write'], projects: PROJECTS, person: EVIL, formToken: 't' } as const

/** Every page in every form, each with the worst text in every place that a text from outside can stand in. */
const PAGES: readonly (readonly [string, (base: string) => Page])[] = [
  ['the choice of a login', base => welcomePage(LOGINS, undefined, base)],
  ['the choice after a session', base => welcomePage(LOGINS, `${EVIL} is over`, base)],
  ['home', base => homePage({ ...HOME, name: EVIL }, base)],
  [
    'home in no project',
    base =>
      homePage(
        {
          ...HOME,
          access: NOTHING,
          projects: [],
          missing: { says: EVIL, ways: [{ entitlement: EVIL, ask: EVIL }, { ask: EVIL }], ignored: 2 },
        },
        base,
      ),
  ],
  [
    'logged out',
    base =>
      loggedOutPage(
        { loginName: EVIL, endSessionUrl: `https://login.example.org/out?x=${encodeURIComponent(EVIL)}&y='`, untold: false },
        base,
      ),
  ],
  ['logged out here alone', base => loggedOutPage({ loginName: EVIL, untold: true }, base)],
  ['the login before a device', base => loginFirstPage(LOGINS, 'BCDFGHJK', base)],
  ['the question for a code', base => enterCodePage(base)],
  ['the question for another code', base => enterCodePage(base, { status: 404, says: EVIL })],
  ['the question about a device', base => confirmDevicePage(CONFIRM, base)],
  ['the question about a device that may get nothing', base => confirmDevicePage({ ...CONFIRM, scopes: [] }, base)],
  ['a device let in', base => decidedPage(true, base)],
  ['a device refused', base => decidedPage(false, base)],
  ['a device decided about before', base => alreadyDecidedPage(base)],
  ['a form of somebody else', base => foreignFormPage('r-1', base, EVIL)],
  ['something that has ended', base => accessEndedPage(EVIL, base)],
  ['a problem', base => problemPage({ status: 400, title: EVIL, says: EVIL, fix: EVIL, requestId: EVIL }, base)],
]

const tags = (text: string, name: string): readonly string[] => [...text.matchAll(new RegExp(`<${name}\\b[^>]*>`, 'g'))].map(([tag]) => tag)
const attribute = (tag: string, name: string): string | undefined => new RegExp(`\\s${name}="([^"]*)"`).exec(tag)?.[1]

describe.each(PAGES)('T13 the page: %s', (_, page) => {
  const text = renderPage(page('/at/portolan'), '/at/portolan')

  it('shows no text from outside as markup', () => {
    expect(tags(text, 'script')).toEqual([])
    expect(tags(text, 'img')).toEqual([])
    expect(text).not.toMatch(/<[^>]*\son\w+=/)
    expect(text).not.toContain('\u202e')
  })

  it('needs no script and no style of its own, and asks nothing of anybody else', () => {
    expect(text).not.toMatch(/<[^>]*\sstyle=|<style|javascript:|@import|url\(/)
    const links = [...tags(text, 'link'), ...tags(text, 'form')].map(tag => attribute(tag, 'href') ?? attribute(tag, 'action') ?? '')
    expect(links.filter(link => !link.startsWith('/at/portolan/app'))).toEqual([])
  })

  it('has a language, a title, one first heading, and no heading left out', () => {
    expect(text).toMatch(/^<!doctype html>\n<html lang="en">/)
    expect(text).toMatch(/<title>[^<]+ · Portolan<\/title>/)
    expect([tags(text, 'h1').length, tags(text, 'main').length, tags(text, 'h3').length]).toEqual([1, 1, 0])
  })

  it('names every field that can be filled in, and every button', () => {
    const fields = [...tags(text, 'input'), ...tags(text, 'select')].filter(tag => attribute(tag, 'type') !== 'hidden')
    const labels = tags(text, 'label').map(tag => attribute(tag, 'for'))
    expect(fields.map(tag => attribute(tag, 'id')).filter(id => id === undefined || !labels.includes(id))).toEqual([])
    expect(text).not.toMatch(/<button[^>]*>\s*<\/button>/)
    expect(tags(text, 'button').filter(tag => attribute(tag, 'type') !== 'submit')).toEqual([])
  })

  it('closes every tag that it opens', () => {
    const open: string[] = []
    for (const [, slash, name = ''] of text.matchAll(/<(\/?)([a-z][a-z0-9]*)\b[^>]*>/g)) {
      if (['meta', 'link', 'input', 'br'].includes(name)) continue
      if (slash === '') open.push(name)
      else expect(open.pop()).toBe(name)
    }
    expect(open).toEqual([])
  })
})

describe('the page about a device', () => {
  const text = renderPage(confirmDevicePage({ ...CONFIRM, flow: { ...FLOW, client: 'cli ada-laptop', address: '203.0.113.9' } }, ''), '')

  it('T14 shows the client, the address, the time, the code and what it may, before there is anything to press', () => {
    const before = text.slice(0, text.indexOf('<button'))
    for (const shown of ['cli ada-laptop', '203.0.113.9', '2026-11-22 13:45 UTC', 'BCDF-GHJK', 'see your tasks', 'submit and cancel'])
      expect(before).toContain(shown)
    expect(before).toContain('If somebody sent you the code or this address, refuse.')
  })

  it('offers nothing to let in where nothing could be granted', () => {
    expect(renderPage(confirmDevicePage({ ...CONFIRM, scopes: [] }, ''), '')).not.toContain('value="approve"')
  })

  it('asks for the project only where there is a choice', () => {
    expect(text).toContain('<select id="project"')
    expect(renderPage(confirmDevicePage({ ...CONFIRM, projects: PROJECTS.slice(0, 1) }, ''), '')).not.toContain('<select')
  })
})

it('the page after a logout goes on to the login by itself', () => {
  const page = loggedOutPage({ loginName: 'LS', endSessionUrl: 'https://login.example.org/out?a=1&b=2', untold: false }, '')
  expect(renderPage(page, '')).toContain('<meta http-equiv="refresh" content="0; url=https://login.example.org/out?a=1&amp;b=2">')
})
