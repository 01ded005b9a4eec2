/**
 * The query of a request: unknown keys are ignored, empty values count as not given, and every fault names its parameter.
 */
import type { Problem } from '@portolan/ga4gh/documents'
import * as z from 'zod/mini'
import { TesState, TesView } from '../index.ts'
import { badRequest, type HttpProblem } from './http-problem.ts'
import type { Validators } from './validators.ts'

/** A list as it was asked for. All conditions hold together. */
export interface ListQuery {
  readonly view: TesView
  /** 1 to 2047. */
  readonly pageSize: number
  readonly pageToken?: string | undefined
  readonly namePrefix?: string | undefined
  /** `state=UNKNOWN`, which generated clients send as a default, means any state. */
  readonly state?: TesState | undefined
  /** Each must be there; with a `value` exactly so, without one with any value. */
  readonly tags: readonly { readonly key: string; readonly value?: string | undefined }[]
}

const DEFAULT_PAGE_SIZE = 256
const MAX_PAGE_SIZE = 2_047
const PAGE_SIZE_FIX = `Ask for 1 to ${MAX_PAGE_SIZE}, or leave it out for ${DEFAULT_PAGE_SIZE}.`
const SINGLE = ['view', 'page_size', 'page_token', 'name_prefix', 'state'] as const
const VIEW = ['view'] as const

const Query = z.object({
  view: z.optional(TesView),
  page_size: z.optional(z.number()),
  page_token: z.optional(z.string()),
  name_prefix: z.optional(z.string()),
  state: z.optional(TesState),
  tag_key: z.optional(z.array(z.string())),
  tag_value: z.optional(z.array(z.string())),
})

/** What nearly every poll sends needs no judging. */
const PLAIN_VIEWS: ReadonlyMap<string, TesView> = new Map([
  ['', 'MINIMAL'],
  ...TesView.options.map(view => [`view=${view}`, view] as const),
])

/** The part of a request target after `?`. */
export function searchOf(url: string): string {
  const start = url.indexOf('?')
  return start < 0 ? '' : url.slice(start + 1)
}

/** The view of a GET, MINIMAL if none is asked for. */
export function readView(search: string, id: string, validators: Validators): TesView | HttpProblem {
  const plain = PLAIN_VIEWS.get(search)
  if (plain) return plain
  const { query, problems } = readSingles(new URLSearchParams(search), VIEW)
  problems.push(...validators.judgeView({ path: { id }, query }))
  const parsed = Query.safeParse(query)
  return problems.length > 0 || !parsed.success ? badRequest(problems) : (parsed.data.view ?? 'MINIMAL')
}

export function readListQuery(search: string, validators: Validators): ListQuery | HttpProblem {
  const params = new URLSearchParams(search)
  const { query, problems } = readSingles(params, SINGLE)
  if (params.has('tag_key')) query.tag_key = params.getAll('tag_key')
  if (params.has('tag_value')) query.tag_value = params.getAll('tag_value')
  if (isMisspelt(query.page_size)) {
    problems.push({ path: 'page_size', message: 'The value is not a whole number in decimal digits', fix: PAGE_SIZE_FIX })
    delete query.page_size
  }
  problems.push(...validators.judgeList({ query }))
  const parsed = Query.safeParse(query)
  if (problems.length > 0 || !parsed.success) return badRequest(problems)

  const {
    view = 'MINIMAL',
    page_size: pageSize = DEFAULT_PAGE_SIZE,
    page_token,
    name_prefix,
    state,
    tag_key = [],
    tag_value = [],
  } = parsed.data
  problems.push(...checkPageSize(pageSize), ...checkTags(tag_key, tag_value))
  if (problems.length > 0) return badRequest(problems)
  const tags = tag_key.map((key, index) => ({ key, value: tag_value[index] || undefined }))
  return { view, pageSize, pageToken: page_token, namePrefix: name_prefix, state: state === 'UNKNOWN' ? undefined : state, tags }
}

function readSingles(params: URLSearchParams, names: readonly string[]): { query: Record<string, unknown>; problems: Problem[] } {
  const query: Record<string, unknown> = {}
  const problems: Problem[] = []
  for (const name of names) {
    const values = params.getAll(name)
    if (values.length > 1) problems.push({ path: name, message: 'The parameter is given more than once', fix: 'Give it once.' })
    else if (values[0]) query[name] = values[0]
  }
  return { query, problems }
}

/** The validators turn into a number whatever JavaScript takes for one: `1e2`, `0x10`, `5.0`, blanks around it. */
function isMisspelt(value: unknown): boolean {
  return typeof value === 'string' && !/^-?\d+$/.test(value)
}

function checkPageSize(pageSize: number): Problem[] {
  if (pageSize >= 1 && pageSize <= MAX_PAGE_SIZE) return []
  return [{ path: 'page_size', message: `${pageSize} is not a page size`, fix: PAGE_SIZE_FIX }]
}

/** Keys and values belong together by position. */
function checkTags(keys: readonly string[], values: readonly string[]): Problem[] {
  const problems: Problem[] = []
  if (keys.includes('')) problems.push({ path: 'tag_key', message: 'A tag key is empty', fix: 'Give the key of the tag.' })
  if (new Set(keys).size < keys.length) problems.push({ path: 'tag_key', message: 'A tag key is given twice', fix: 'Give each key once.' })
  if (values.length > keys.length) {
    problems.push({
      path: 'tag_value',
      message: 'There are more tag values than tag keys',
      fix: 'Give a tag_key for each tag_value, in the same order.',
    })
  }
  return problems
}
