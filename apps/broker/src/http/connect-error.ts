/**
 * A connection that did not come about: no byte of the request has left.
 */
export class ConnectError extends Error {
  override readonly name = 'ConnectError'
  /**
   * `blocked`: the address is forbidden. `lookup`, `connect`, `tls`: the phase that failed or took too long. `certificate`: the server will not have
   * our client certificate, or wants one. `expired`: and ours has expired.
   */
  readonly phase: 'blocked' | 'lookup' | 'connect' | 'tls' | 'certificate' | 'expired'

  constructor(phase: ConnectError['phase'], message: string, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause })
    this.phase = phase
  }
}
