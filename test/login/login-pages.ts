/**
 * The page where a person says who they are, and what happens then.
 */
import express, { type Router } from 'express'
import type { InteractionResults, Provider } from 'oidc-provider'
import * as z from 'zod/mini'
import { MFA, SFA } from './discovery.ts'
import type { Fault } from './faults.ts'
import { loginPage, testPhasePage } from './pages.ts'
import type { PeopleBook } from './people-book.ts'
import type { Person } from './settings.ts'

const TEST_PHASE_PATH = '/oidc/unauthorizedEnvVosGroups'

const Choice = z.union([z.strictObject({ person: z.string() }), z.strictObject({ cancel: z.string() })])
const Hints = z.looseObject({ login_hint: z.optional(z.string()) })

export interface LoginParts {
  readonly people: PeopleBook
  readonly faults: () => readonly Fault[]
}

/** Answers at `/interaction/:uid`, and with the page of services in their test phase. */
export function serveLogin(provider: Provider, { people, faults }: LoginParts): Router {
  const router = express.Router()
  const has = (kind: Fault['kind']): boolean => faults().some(fault => fault.kind === kind)

  async function admit(request: express.Request, response: express.Response, person: Person | undefined): Promise<void> {
    if (person !== undefined && has('test-phase')) return response.redirect(303, TEST_PHASE_PATH)
    await provider.interactionFinished(request, response, resultOf(person, has('no-mfa')), { mergeWithLastSubmission: false })
  }

  router.get('/interaction/:uid', async (request, response) => {
    const { prompt, params } = await provider.interactionDetails(request, response)
    if (prompt.name !== 'login') {
      await provider.interactionFinished(request, response, { consent: {} }, { mergeWithLastSubmission: true })
      return
    }
    const person = people.find(Hints.parse(params).login_hint ?? '')
    if (person === undefined) response.send(loginPage(people.all(), request.originalUrl))
    else await admit(request, response, person)
  })
  router.post('/interaction/:uid', express.urlencoded({ extended: false }), async (request, response) => {
    const choice = Choice.parse(request.body)
    await admit(request, response, 'person' in choice ? people.find(choice.person) : undefined)
  })
  router.get(TEST_PHASE_PATH, (_request, response) => {
    response.status(403).send(testPhasePage())
  })
  return router
}

function resultOf(person: Person | undefined, oneFactor: boolean): InteractionResults {
  if (person === undefined) return { error: 'access_denied', error_description: 'the person cancelled the login' }
  return { login: { accountId: person.sub, acr: oneFactor ? SFA : MFA, amr: oneFactor ? ['pwd'] : ['mfa'] } }
}
