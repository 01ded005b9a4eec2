/**
 * Checks that every relative link in Markdown leads to a file of the project, and every anchor to a heading that is there.
 */
import { readFileSync } from 'node:fs'
import { join, posix } from 'node:path'
import { listFiles } from './tracked-files.ts'

export interface BrokenLink {
  /** From the root, with slashes. */
  file: string
  line: number
  target: string
  reason: string
}

/** `pages`: text by path, of the Markdown to look at. `files`: every path that may be linked to. */
export function findBrokenLinks(pages: ReadonlyMap<string, string>, files: readonly string[]): BrokenLink[] {
  const places = new Set([...files, ...files.flatMap(parentsOf)])
  const anchors = new Map([...pages].map(([file, text]) => [file, readAnchors(text)]))
  return [...pages].flatMap(([file, text]) =>
    readLinks(text).flatMap(({ line, target }) => {
      const reason = judge(file, target, places, anchors)
      return reason === undefined ? [] : [{ file, line, target, reason }]
    }),
  )
}

function judge(
  file: string,
  target: string,
  places: ReadonlySet<string>,
  anchors: ReadonlyMap<string, ReadonlySet<string>>,
): string | undefined {
  if (/^([a-z][a-z0-9+.-]*:|\/\/)/i.test(target)) return undefined
  const [path = '', anchor] = target.split('#', 2)
  if (path.startsWith('/')) return 'is absolute, and other places show the page under another root'
  const place = path === '' ? file : posix.join(posix.dirname(file), decodeURI(path)).replace(/\/$/, '')
  if (!places.has(place)) return 'leads to no file of the project'
  if (anchor === undefined) return undefined
  const known = anchors.get(place)
  if (!known) return 'names an anchor in what is no page'
  return known.has(anchor) ? undefined : 'names a heading that is not there'
}

function parentsOf(file: string): string[] {
  const parts = file.split('/').slice(0, -1)
  return parts.length === 0 ? ['.'] : parts.map((_, index) => parts.slice(0, index + 1).join('/'))
}

/** The lines of a page that are text: code is blanked, so that line numbers stay. */
function textLines(page: string): string[] {
  let fence: string | undefined
  return page.split('\n').map(line => {
    const [, mark] = /^\s*(`{3,}|~{3,})/.exec(line) ?? []
    if (fence === undefined && mark !== undefined) fence = mark
    else if (fence !== undefined && mark?.startsWith(fence)) fence = undefined
    else if (fence === undefined) return line
    return ''
  })
}

function readLinks(page: string): { line: number; target: string }[] {
  return textLines(page).flatMap((text, index) => {
    const plain = text.replace(/(`+)[^`].*?\1(?!`)/g, '')
    const inline = [...plain.matchAll(/\]\(\s*<?([^)\s>]+)>?(?:\s+"[^"]*")?\s*\)/g)]
    const defined = [...plain.matchAll(/^\s*\[[^\]]+\]:\s+<?([^\s>]+)/g)]
    return [...inline, ...defined].map(([, target = '']) => ({ line: index + 1, target }))
  })
}

/** The anchors that forges make of headings: lower case, hyphens for blanks, other signs left out, numbered when repeated. */
function readAnchors(page: string): ReadonlySet<string> {
  const anchors = new Set<string>()
  for (const line of textLines(page)) {
    const [, heading] = /^#{1,6}\s+(.*?)\s*#*$/.exec(line) ?? []
    if (heading === undefined) continue
    const slug = heading
      .replace(/\[([^\]]*)\]\([^)]*\)/g, '$1')
      .toLowerCase()
      .replace(/[^\p{L}\p{N}\s_-]/gu, '')
      .replace(/\s/g, '-')
    let anchor = slug
    for (let again = 1; anchors.has(anchor); again++) anchor = `${slug}-${again}`
    anchors.add(anchor)
  }
  return anchors
}

if (import.meta.main) {
  const root = join(import.meta.dirname, '../..')
  const files = listFiles(root)
  const pages = files.filter(file => file.endsWith('.md')).map(file => [file, readFileSync(join(root, file), 'utf8')] as const)
  const broken = findBrokenLinks(new Map(pages), files)
  for (const { file, line, target, reason } of broken) console.error(`${file}:${line}  ${target} ${reason}`)
  if (broken.length > 0) process.exitCode = 1
}
