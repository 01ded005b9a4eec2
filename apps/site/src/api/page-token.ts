/**
 * The token for the next page of a list: the id of the last task of this one.
 */

export function formPageToken(lastId: string): string {
  return Buffer.from(lastId, 'utf8').toString('base64url')
}

/** The id in the token; undefined for a text that no page ever gave. */
export function readPageToken(token: string): string | undefined {
  const id = Buffer.from(token, 'base64url').toString('utf8')
  return /^[a-z0-9-]+$/.test(id) && formPageToken(id) === token ? id : undefined
}
