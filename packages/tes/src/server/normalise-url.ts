/**
 * One form for the URLs of a request, before any route is looked for: several clients write `//v1/tasks` or `x%3Acancel`.
 */

/** The request target with single slashes and plain colons in its path. The query stays as it is; so does a target that is no path. */
export function normaliseUrl(url: string): string {
  if (!url.startsWith('/')) return url
  const end = url.indexOf('?')
  const path = end < 0 ? url : url.slice(0, end)
  if (!path.includes('//') && !path.includes('%3')) return url
  const plain = path.replace(/\/{2,}/g, '/').replace(/%3a/gi, ':')
  return end < 0 ? plain : plain + url.slice(end)
}
