import { describe, expect, it } from 'vitest'
import type { Scope } from '../../auth/principal.ts'
import { ADA, BOB, NOW, PROJECT } from '../contract/builders.ts'
import type { DeviceFlowId } from '../login-rows.ts'
import type { OpenLoginStore } from '../login-store.contract.ts'
import type { LoginStore } from '../login-store.ts'
import { hashOf, MINUTE, personOf, poll, startDevice, startFamily, startSession } from './builders.ts'

const USER = hashOf('d user')
const FLOW = 'd' as DeviceFlowId
const LATE = NOW + 10 * MINUTE

async function approve(login: LoginStore, principal = ADA, scopes: readonly Scope[] = ['read'], now = NOW): Promise<string> {
  return (await login.execute({ kind: 'approveDevice', principal, userHash: USER, scopes, project: PROJECT, now })).outcome
}

async function deny(login: LoginStore, principal = ADA, now = NOW): Promise<string> {
  return (await login.execute({ kind: 'denyDevice', principal, userHash: USER, now })).outcome
}

const approvedOf = (login: LoginStore, principal = ADA, person = ADA, now = NOW) =>
  login.listLive(principal, personOf(person), { most: 10, now }).approved

export function describeDevices(open: OpenLoginStore): void {
  describe('device flows', () => {
    it('shows the person who is to decide what asks, and from where', async () => {
      await using store = await open()
      const { login } = store
      expect(await startDevice(login)).toEqual({ outcome: 'started', dropped: 0 })
      expect(login.findDevice(ADA, USER, NOW)).toEqual({
        id: 'd',
        state: 'pending',
        client: 'cli laptop',
        address: '192.0.2.7',
        scopes: ['read', 'write'],
        createdAt: NOW,
        expiresAt: NOW + 10 * MINUTE,
        person: undefined,
        project: undefined,
      })
      expect(login.findDevice(ADA, USER, NOW + 10 * MINUTE)).toBeUndefined()
      expect(login.findDevice(ADA, hashOf('d device'), NOW)).toBeUndefined()
      await approve(login)
      expect(login.findDevice(ADA, USER, NOW)).toMatchObject({ state: 'approved', person: personOf(ADA), scopes: ['read'] })
      expect(login.findDevice(BOB, USER, NOW)).toBeUndefined()
    })

    it('T14 gives what was approved to one poll, even of two at once', async () => {
      await using store = await open()
      const { login } = store
      await startDevice(login)
      expect(await poll(login)).toEqual({ outcome: 'pending', intervalMs: 5_000 })
      expect(await approve(login)).toBe('approved')
      const answers = await Promise.all([poll(login), poll(login), poll(login)])
      const flow = { id: 'd', state: 'used', person: personOf(ADA), project: PROJECT, scopes: ['read'], client: 'cli laptop' }
      expect(answers).toMatchObject([{ outcome: 'approved', flow }, { outcome: 'used' }, { outcome: 'used' }])
      expect(login.findDevice(ADA, USER, NOW)).toBeUndefined()
    })

    it('T14 is nothing to another client, which cannot use it up either', async () => {
      await using store = await open()
      const { login } = store
      await startDevice(login)
      await approve(login)
      expect(await poll(login, 'd', NOW, 'cli mallory')).toEqual({ outcome: 'notFound' })
      expect(await poll(login)).toMatchObject({ outcome: 'approved' })
    })

    it('slows a device that polls too early, by five seconds each time', async () => {
      await using store = await open()
      const { login } = store
      await startDevice(login)
      expect(await poll(login)).toEqual({ outcome: 'pending', intervalMs: 5_000 })
      expect(await poll(login, 'd', NOW + 4_999)).toEqual({ outcome: 'slowDown', intervalMs: 10_000 })
      expect(await poll(login, 'd', NOW + 9_999)).toEqual({ outcome: 'slowDown', intervalMs: 15_000 })
      expect(await poll(login, 'd', NOW + 24_999)).toEqual({ outcome: 'pending', intervalMs: 15_000 })
    })

    it('is decided once, by whoever is first', async () => {
      await using store = await open()
      const { login } = store
      await startDevice(login)
      expect(await Promise.all([deny(login), approve(login, BOB), approve(login)])).toEqual(['denied', 'decided', 'decided'])
      expect(await poll(login)).toEqual({ outcome: 'denied' })
      expect(await deny(login)).toBe('decided')
    })

    it('T14 gives no more than was asked for, and no more than the person has', async () => {
      await using store = await open()
      const { login } = store
      await startDevice(login, 'd', { scopes: ['read'] })
      expect(await approve(login, ADA, ['read', 'write'])).toBe('exceeds')
      expect(await approve(login, { ...ADA, scopes: [] }, ['read'])).toBe('exceeds')
      expect(await poll(login)).toMatchObject({ outcome: 'pending' })
    })

    it('expires, approved or not', async () => {
      await using store = await open()
      const { login } = store
      await startDevice(login)
      await startDevice(login, 'other')
      expect([await approve(login, ADA, ['read'], LATE), await deny(login, ADA, LATE)]).toEqual(['notFound', 'notFound'])
      await approve(login)
      expect([await poll(login, 'd', LATE), await poll(login, 'other', LATE)]).toEqual([{ outcome: 'expired' }, { outcome: 'expired' }])
      expect(await poll(login, 'unknown')).toEqual({ outcome: 'notFound' })
    })

    it('T14 is listed when it was approved, until the device has fetched its tokens, to whom it acts for', async () => {
      await using store = await open()
      const { login } = store
      await startDevice(login)
      expect(approvedOf(login)).toEqual([])
      await approve(login)
      expect(approvedOf(login)).toMatchObject([{ id: 'd', state: 'approved', client: 'cli laptop', project: PROJECT }])
      expect([approvedOf(login, BOB, ADA), approvedOf(login, BOB, BOB), approvedOf(login, ADA, ADA, LATE)]).toEqual([[], [], []])
      await poll(login)
      expect(approvedOf(login)).toEqual([])
    })

    it.each(['approved', 'fetched'])('T14 brings nothing once it was taken back by whom it acts for, %s or not', async state => {
      await using store = await open()
      const { login } = store
      await startDevice(login)
      const take = async (principal: typeof ADA) => (await login.execute({ kind: 'endApproval', principal, id: FLOW, now: NOW })).outcome
      expect(await take(ADA)).toBe('notFound')
      await approve(login)
      if (state === 'fetched') await poll(login)
      expect([await take(BOB), await take(ADA), await take(ADA)]).toEqual(['notFound', 'ended', 'notFound'])
      expect(await poll(login)).toEqual({ outcome: state === 'fetched' ? 'used' : 'expired' })
      expect(await startFamily(login, 'f', { flow: FLOW })).toEqual({ outcome: 'withdrawn' })
      expect(login.listFamilies(ADA, { owner: ADA, size: 10 }).rows).toEqual([])
    })

    it.each(['approved', 'fetched'])('T14 ends with all that its person has, %s or not', async state => {
      await using store = await open()
      const { login } = store
      await startDevice(login)
      await startDevice(login, 'of bob')
      await approve(login)
      await login.execute({ kind: 'approveDevice', principal: BOB, userHash: hashOf('of bob user'), scopes: ['read'], now: NOW })
      if (state === 'fetched') await poll(login)
      const ended = await login.execute({ kind: 'endAll', principal: ADA, person: personOf(ADA), tokens: false, now: NOW })
      expect(ended).toEqual({ outcome: 'done', sessions: 0, families: 0, approvals: state === 'fetched' ? 0 : 1, tokens: 0 })
      expect(await poll(login)).toEqual({ outcome: state === 'fetched' ? 'used' : 'expired' })
      expect(await startFamily(login, 'f', { flow: FLOW })).toEqual({ outcome: 'withdrawn' })
      expect(await poll(login, 'of bob')).toMatchObject({ outcome: 'approved' })
    })

    it('T14 is approved by no session that has ended by the time its approval is written', async () => {
      await using store = await open()
      const { login } = store
      await startSession(login, 's')
      await startDevice(login)
      const approval = { kind: 'approveDevice', principal: ADA, userHash: USER, scopes: ['read'], now: NOW } as const
      const all = { kind: 'endAll', principal: ADA, person: personOf(ADA), tokens: true, now: NOW } as const
      const answers = await Promise.all([login.execute(all), login.execute({ ...approval, session: hashOf('s') })])
      expect(answers).toMatchObject([{ sessions: 1 }, { outcome: 'ended' }])
      expect(approvedOf(login)).toEqual([])
      await startSession(login, 'later')
      expect(await login.execute({ ...approval, session: hashOf('later') })).toEqual({ outcome: 'approved' })
    })

    it('begins a family by the flow that a poll has used, and by no other', async () => {
      await using store = await open()
      const { login } = store
      await startDevice(login)
      await approve(login)
      expect(await startFamily(login, 'f', { flow: FLOW })).toEqual({ outcome: 'withdrawn' })
      await poll(login)
      expect(await startFamily(login, 'f', { flow: FLOW })).toMatchObject({ outcome: 'started' })
    })

    it('has a user code that no other live flow has', async () => {
      await using store = await open()
      const { login } = store
      await startDevice(login)
      expect(await startDevice(login, 'other', { userHash: USER })).toEqual({ outcome: 'userCodeTaken' })
      expect(await poll(login, 'other')).toEqual({ outcome: 'notFound' })
      expect(await startDevice(login, 'later', { userHash: USER }, NOW + 10 * MINUTE)).toMatchObject({ outcome: 'started' })
      await startDevice(login, 'used', { userHash: hashOf('again') })
      await login.execute({ kind: 'approveDevice', principal: ADA, userHash: hashOf('again'), scopes: [], now: NOW })
      await poll(login, 'used')
      expect(await startDevice(login, 'next', { userHash: hashOf('again') })).toMatchObject({ outcome: 'started' })
    })
  })
}
