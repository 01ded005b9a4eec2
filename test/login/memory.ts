/**
 * Where the provider keeps what it issued: in memory, without a bound, so that no test loses a token to another.
 */
import type { Adapter, AdapterPayload } from 'oidc-provider'

export interface Memory {
  adapter(model: string): Adapter
  /** Drops everything that was issued to an account: tokens, grants and sessions. */
  forget(accountId: string): void
}

export function openMemory(): Memory {
  const rows = new Map<string, { readonly payload: AdapterPayload; readonly expiresAt: number }>()

  function read(key: string): AdapterPayload | undefined {
    const row = rows.get(key)
    if (row === undefined || row.expiresAt > Date.now()) return row?.payload
    rows.delete(key)
    return undefined
  }

  function dropWhere(matches: (payload: AdapterPayload, key: string) => boolean): void {
    for (const [key, { payload }] of rows) if (matches(payload, key)) rows.delete(key)
  }

  return {
    adapter(model) {
      const keyOf = (id: string): string => `${model}:${id}`
      const findBy = (matches: (payload: AdapterPayload) => boolean): AdapterPayload | undefined => {
        const keys = [...rows.keys()].filter(key => key.startsWith(keyOf('')))
        return keys.map(read).find(payload => payload !== undefined && matches(payload))
      }
      return {
        async upsert(id, payload, expiresIn) {
          rows.set(keyOf(id), { payload, expiresAt: expiresIn === undefined ? Number.POSITIVE_INFINITY : Date.now() + expiresIn * 1000 })
        },
        find: async id => read(keyOf(id)),
        findByUserCode: async userCode => findBy(payload => payload.userCode === userCode),
        findByUid: async uid => findBy(payload => payload.uid === uid),
        async consume(id) {
          const payload = read(keyOf(id))
          if (payload !== undefined) payload.consumed = Math.floor(Date.now() / 1000)
        },
        async destroy(id) {
          rows.delete(keyOf(id))
        },
        async revokeByGrantId(grantId) {
          dropWhere((payload, key) => payload.grantId === grantId && key.startsWith(keyOf('')))
        },
      }
    },
    forget: accountId => dropWhere(payload => payload.accountId === accountId),
  }
}
