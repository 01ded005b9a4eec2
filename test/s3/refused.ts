/** A request that S3 refuses: its status and its word for why. */
export class S3Refused extends Error {
  override readonly name = 'S3Refused'
  readonly status: number
  readonly code: string

  constructor(status: number, code: string, message: string) {
    super(message)
    this.status = status
    this.code = code
  }
}
