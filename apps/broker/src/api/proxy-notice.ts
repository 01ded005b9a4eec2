/**
 * What is told of a proxy that is not believed: one line in the log, and a note of readiness from then on. Anybody can send the header, so the note
 * names nobody.
 */
export interface NoticeLog {
  warn(fields: { readonly address: string }, message: string): void
}

export interface ProxyNotice {
  readonly tell: (address: string) => void
  readonly notes: () => readonly string[]
}

const NOTE =
  'X-Forwarded-For has come from an address that server.trustProxy does not name: if that is a proxy of ours, all its clients share the limits of one address'

export function createProxyNotice(log: NoticeLog): ProxyNotice {
  let isTold = false
  return {
    tell(address) {
      isTold = true
      log.warn({ address }, NOTE)
    },
    notes: () => (isTold ? [NOTE] : []),
  }
}
