/**
 * Takes what opens a signed link out of a text, whoever wrote it and whether or not the link is known here. Pure, and linear in the length of the text.
 */

const HIDDEN = '[hidden]'

/** Parts of a query that stand in signed links alone, after whatever separates them: as they are, coded in a URL, and as JSON or HTML write them. */
const SIGNED =
  /(?:[?&]|%3f|%26|\\u0026|&amp;|%253f|%2526)(?:x-amz-(?:signature|security-token|credential)|x-goog-(?:signature|credential)|awsaccesskeyid|signature|sig|access_token|token)(?:=|%3d|%253d|\\u003d)/gi
/** Where a URL surely ends. */
const ENDS: ReadonlySet<string> = new Set(' \t\r\n"\'<>`|{}')
const END = /[\s"'<>`|{}]/g
/** The longest spelling of a question mark. */
const LONGEST_MARK = '%253f'.length
/** A query is not longer than this before its signature. */
const LOOK_BACK = 8192

/** The text, with `[hidden]` in the place of the query of every signed link. */
export function hideLinks(text: string): string {
  let shown = ''
  let done = 0
  SIGNED.lastIndex = 0
  for (let found = SIGNED.exec(text); found !== null; found = SIGNED.exec(text)) {
    const begin = queryBefore(text, Math.max(done, found.index - LOOK_BACK), found.index)
    END.lastIndex = SIGNED.lastIndex
    const end = END.exec(text)?.index ?? text.length
    shown += text.slice(done, begin) + HIDDEN
    done = end
    SIGNED.lastIndex = end
  }
  return done === 0 ? text : shown + text.slice(done)
}

/** Where the query begins that the part at `at` stands in. */
function queryBefore(text: string, from: number, at: number): number {
  let start = at
  while (start > from && !ENDS.has(text[start - 1] ?? '')) start--
  const address = text.slice(start, at + LONGEST_MARK)
  const mark = /\?|%3f|%253f/i.exec(address)
  return mark === null || start + mark.index > at ? at : start + mark.index + mark[0].length
}

/**
 * The text, with `[hidden]` in the place of all that follows one of the hosts in an address: as it is, coded in a URL, and as JSON writes it. `hosts`: with
 * their ports.
 */
export function hideAt(hosts: readonly string[], text: string): string {
  return hosts.reduce((shown, host) => {
    if (!shown.toLowerCase().includes(host.split(':', 1)[0] ?? host)) return shown
    const name = host.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&').replace(':', '(?::|%3a|%253a)')
    return shown.replaceAll(
      new RegExp(`(?:(?<=%2f|%252f)|(?<![a-z0-9.-]))(${name})(?:/|\\\\/|\\?|%2f|%3f|%252f|%253f)[^\\s"'<>\`|{}]*`, 'gi'),
      `$1/${HIDDEN}`,
    )
  }, text)
}
