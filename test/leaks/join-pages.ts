/**
 * What SQLite has cut into pages, put together again: a row that is larger than its page goes on in a chain of other pages, so that a text can
 * stand astride their borders (https://www.sqlite.org/fileformat2.html, sections 1.6, 1.7 and 4.1). Pure.
 */
import { type Page, readOverflows } from './page-cells.ts'

const DATABASE = Buffer.from('SQLite format 3\0')
const LOG_MAGICS = [0x377f0682, 0x377f0683]
const LEAST_PAGE_BYTES = 512
const LOG_HEADER_BYTES = 32
const FRAME_HEADER_BYTES = 24

type Pages = ReadonlyMap<number, Page>

/** Every row of a database, or of a log of its writes, that goes on in other pages; whole, or as much of it as is there. Of other files none. */
export function joinPages(file: Buffer): readonly Buffer[] {
  if (file.length < LEAST_PAGE_BYTES) return []
  if (file.subarray(0, DATABASE.length).equals(DATABASE)) return joinDatabase(file)
  return LOG_MAGICS.includes(file.readUInt32BE(0)) ? joinLog(file) : []
}

function joinDatabase(file: Buffer): readonly Buffer[] {
  const written = file.readUInt16BE(16)
  const size = written === 1 ? 65_536 : written
  if (size < LEAST_PAGE_BYTES) return []
  const usable = size - (file[20] ?? 0)
  const pages = new Map<number, Page>()
  for (let at = 0, number = 1; at + size <= file.length; at += size, number += 1) {
    pages.set(number, { number, bytes: file.subarray(at, at + usable) })
  }
  return [...pages.values()].flatMap(page => joinRows(page, pages, pages))
}

/** A row is looked at in the commits that have written its chain. */
function joinLog(file: Buffer): readonly Buffer[] {
  const size = file.readUInt32BE(8)
  if (size < LEAST_PAGE_BYTES) return []
  const pages = new Map<number, Page>()
  const changed = new Map<number, Page>()
  const joined: Buffer[] = []
  const commit = (): void => {
    for (const page of changed.values()) joined.push(...joinRows(page, pages, changed))
    changed.clear()
  }
  for (let at = LOG_HEADER_BYTES; at + FRAME_HEADER_BYTES + size <= file.length; at += FRAME_HEADER_BYTES + size) {
    const number = file.readUInt32BE(at)
    const page = { number, bytes: file.subarray(at + FRAME_HEADER_BYTES, at + FRAME_HEADER_BYTES + size) }
    pages.set(number, page)
    changed.set(number, page)
    const isCommit = file.readUInt32BE(at + 4) !== 0
    if (isCommit) commit()
  }
  commit()
  return joined
}

/** The rows of a page whose chain begins in one of `among`. */
function joinRows(page: Page, pages: Pages, among: Pages): readonly Buffer[] {
  return readOverflows(page)
    .filter(({ next }) => among.has(next))
    .map(({ head, missing, next }) => Buffer.concat([head, ...followChain(next, missing, pages)]))
}

/** Each page of a chain begins with the number of the next. */
function followChain(first: number, bytes: number, pages: Pages): readonly Buffer[] {
  const parts: Buffer[] = []
  let missing = bytes
  for (let page = pages.get(first); page && missing > 0; page = pages.get(page.bytes.readUInt32BE(0))) {
    const part = page.bytes.subarray(4, 4 + missing)
    parts.push(part)
    missing -= part.length
  }
  return parts
}
