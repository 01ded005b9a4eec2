/**
 * GetTask and ListTasks: always answered from the store, whatever the sites do. Answers are JSON text.
 */
import { setImmediate as nextTurn } from 'node:timers/promises'
import { type SiteId, WORK_ID, type WorkId } from '@portolan/federation'
import type { TesView } from '@portolan/tes'
import type { HttpProblem, ListQuery } from '@portolan/tes/server'
import type { Principal } from '../auth/principal.ts'
import type { ListFilter, Store, WorkDocument, WorkRow } from '../stores/store.ts'
import type { PageAudit } from './page-audit.ts'
import type { PageTokens } from './page-token.ts'
import { Refusal } from './refusal.ts'
import type { ShortWhy } from './short-why.ts'
import { type AttemptFacts, basicText, fullText, minimalText } from './view.ts'

/** So many tasks of a page are shown before other requests get their turn. */
const TASKS_A_TURN = 32

export interface TaskReaderParts {
  readonly store: Store
  readonly pageTokens: PageTokens
  readonly notePage: PageAudit
  readonly siteName: (id: SiteId) => string | undefined
  readonly shortWhy: ShortWhy
}

export interface TaskReader {
  getTask(principal: Principal, id: string, view: TesView): string | HttpProblem
  listTasks(principal: Principal, query: ListQuery): Promise<string>
}

/** The id as a task's; undefined if it has another form and so was never given out. */
export function findTaskId(id: string): WorkId | undefined {
  return WORK_ID.test(id) ? (id as WorkId) : undefined
}

export function createTaskReader({ store, pageTokens, notePage, siteName, shortWhy }: TaskReaderParts): TaskReader {
  function factsOf(principal: Principal, document: WorkDocument): AttemptFacts {
    if (document.countsAttempt === undefined) return {}
    return {
      siteName: document.countsSite && siteName(document.countsSite),
      attemptNumber: store.getAttempts(principal, document.id).find(({ id }) => id === document.countsAttempt)?.number,
      why: shortWhy(principal, document.id, document.countsAttempt),
    }
  }

  function showDocument(principal: Principal, document: WorkDocument, view: 'BASIC' | 'FULL'): string {
    const facts = factsOf(principal, document)
    return view === 'FULL' ? fullText(document, facts) : basicText(document, facts)
  }

  async function showPage(principal: Principal, rows: readonly WorkRow[], view: 'BASIC' | 'FULL'): Promise<string[]> {
    const documents = await store.getDocuments(
      principal,
      rows.map(row => row.id),
    )
    const texts: string[] = []
    for (const document of documents) {
      if (texts.length % TASKS_A_TURN === TASKS_A_TURN - 1) await nextTurn()
      texts.push(showDocument(principal, document, view))
    }
    return texts
  }

  return {
    getTask(principal, id, view) {
      const workId = findTaskId(id)
      if (workId === undefined) return new Refusal('task-unknown')
      if (view === 'MINIMAL') {
        const row = store.getState(principal, workId)
        if (row?.kind === 'task') return minimalText(row)
      } else {
        const document = store.getDocument(principal, workId)
        if (document?.kind === 'task') return showDocument(principal, document, view)
      }
      return new Refusal('task-unknown')
    },

    async listTasks(principal, { view, pageSize, pageToken, namePrefix, state, tags }) {
      const filter: ListFilter = { namePrefix, state, tags: tags.map(({ key, value = '' }) => [key, value] as const) }
      let after: WorkId | undefined
      if (pageToken !== undefined) {
        after = pageTokens.verify(principal, filter, pageToken)
        if (after === undefined) throw forgedToken()
      }
      const page = await store.listWork(principal, filter, { size: pageSize, after, kind: 'task' })
      await notePage(principal, 'ListTasks', { asked: { view, ...filter }, rows: page.rows })
      const tasks = view === 'MINIMAL' ? page.rows.map(minimalText) : await showPage(principal, page.rows, view)
      const token = page.next === undefined ? '' : `,"next_page_token":"${pageTokens.sign(principal, filter, page.next)}"`
      return `{"tasks":[${tasks.join(',')}]${token}}`
    },
  }
}

function forgedToken(): Refusal {
  const fix = 'Leave page_token out to begin again, and keep the other parameters the same from page to page.'
  return new Refusal('bad-page-token', undefined, {
    problems: [{ path: 'page_token', message: 'the token was not given out for this list', fix }],
  })
}
