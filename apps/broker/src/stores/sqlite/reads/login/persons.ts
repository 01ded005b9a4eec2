/**
 * What is known of a person, and what was done by them or to what is theirs.
 */
import type { Principal } from '../../../../auth/principal.ts'
import { decode } from '../../../codec.ts'
import type { PersonEvent, PersonRef, PersonRow } from '../../../login-rows.ts'
import { reachesOwned, reachesPerson } from '../../../login-rules/reach.ts'
import { personText } from '../../person-text.ts'
import { codedName, PERSON_COLUMNS, toPerson } from '../../read-login-rows.ts'
import { param, prepare, query } from '../../statement.ts'
import { demandBroker, type ReadContext } from '../context.ts'

export interface ReadPersons {
  getPerson(principal: Principal, person: PersonRef): PersonRow | undefined
  getUpstreamRefresh(principal: Principal, person: PersonRef): string | undefined
  getPersonEvents(principal: Principal, person: PersonRef, limit: number): readonly PersonEvent[]
}

export function prepareReadPersons({ db, keys }: ReadContext): ReadPersons {
  const find = prepare(
    db,
    query
      .selectFrom('persons')
      .select([...PERSON_COLUMNS, 'upstream_refresh'])
      .where('issuer', '=', param('issuer'))
      .where('subject', '=', param('subject'))
      .compile(),
  )
  const eventsOf = prepare(
    db,
    query
      .selectFrom('events')
      .select(['id', 'number', 'at', 'kind', 'detail'])
      .where('work_id', 'is', null)
      .where('owner', '=', param('owner'))
      .orderBy('id', 'desc')
      .limit(param('limit'))
      .compile(),
  )
  const row = ({ issuer, subject }: PersonRef) => find.get({ issuer, subject })

  return {
    getPerson(principal, person) {
      const found = reachesPerson(principal, person) ? row(person) : undefined
      return found && toPerson(keys, found)
    },

    getUpstreamRefresh(principal, person) {
      demandBroker(principal)
      const coded = row(person)?.upstream_refresh
      return coded ? decode(keys, codedName.upstreamRefresh(person), coded) : undefined
    },

    getPersonEvents(principal, person, limit) {
      if (!reachesOwned(principal, person, undefined)) return []
      // Each key that ever named persons has named this one differently.
      return keys.keys.persons
        .map(({ id }) => `${id}:${keys.hmac('persons', personText(person), id)?.mac}`)
        .flatMap(owner => eventsOf.all({ owner, limit }))
        .toSorted((a, b) => b.id - a.id)
        .slice(0, limit)
        .map(({ number, at, kind, detail }) => ({
          number: number ?? undefined,
          at,
          kind: kind as PersonEvent['kind'],
          detailText: detail === null ? undefined : decode(keys, `event::${kind}`, detail),
        }))
    },
  }
}
