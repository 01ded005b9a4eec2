/**
 * Query parameters by name. Unknown ones are ignored, empty ones count as not given, and one that is given twice is a problem. Pure.
 */
import type { Problem } from '@portolan/ga4gh/documents'

export function readQuery(url: string, problems: Problem[]): (name: string) => string | undefined {
  const params = new URLSearchParams(url.includes('?') ? url.slice(url.indexOf('?') + 1) : '')
  return name => {
    const [first, ...more] = params.getAll(name)
    if (more.length > 0) problems.push({ path: name, message: 'The parameter is given more than once', fix: 'Give it once.' })
    return first === '' ? undefined : first
  }
}

const DEFAULT_PAGE_SIZE = 256
const MAX_PAGE_SIZE = 2_047

export function readPageSize(text: string | undefined, problems: Problem[]): number {
  const size = text === undefined ? DEFAULT_PAGE_SIZE : Number(/^\d+$/.test(text) ? text : 0)
  if (size < 1 || size > MAX_PAGE_SIZE) {
    const fix = `Ask for 1 to ${MAX_PAGE_SIZE}, or leave it out for ${DEFAULT_PAGE_SIZE}.`
    problems.push({ path: 'page_size', message: 'The value is not a page size', fix })
  }
  return size
}
