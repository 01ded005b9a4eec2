/**
 * How much of what a login is made of may be live at once (`limits.live`). The store decides by these numbers, in the step that makes a new one.
 */
export interface LiveBounds {
  /** Of one person. */
  readonly person: {
    /** Personal tokens; a further one is refused, since engines hold the others. */
    readonly tokens: number
    /** Logged-in devices; a further one displaces that which was not used for longest. */
    readonly devices: number
    /** Sessions of browsers; the same. */
    readonly sessions: number
  }
  /** Logins that anybody has begun and nobody is yet, all together; a further one drops the oldest. */
  readonly begun: { readonly logins: number; readonly devices: number }
}

/** What a bound was met by: a new token that was refused, or one of the others that went. */
export type Bounded = 'token' | 'device' | 'session' | 'begun-login' | 'begun-device'

export interface BoundsObserver {
  bounded(what: Bounded, count: number): void
}
