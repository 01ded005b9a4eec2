/**
 * A site may refuse a token before its time: it was withdrawn, or the site was set up anew. A 401 says that the request was not carried out, so it
 * is sent once more with a new token, and only where the one that was refused had been kept for a while.
 */
import { ApiError } from '@portolan/ga4gh'

class StaleToken extends Error {
  override readonly name = 'StaleToken'
}

/** The failure of a request whose token has just been thrown away. */
export function refuseStaleToken(target: string): ApiError {
  return new ApiError('unauthorized', `${target} refused a token that was kept for a while`, { status: 401, cause: new StaleToken() })
}

/** Sends, and sends once more if the token was stale. Each time `send` gets its token anew. */
export async function withFreshToken<T>(send: () => Promise<T>): Promise<T> {
  try {
    return await send()
  } catch (error) {
    if (error instanceof ApiError && error.cause instanceof StaleToken) return await send()
    throw error
  }
}
