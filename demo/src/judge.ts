/**
 * Compares what happened with what the demo calculated by itself: sites, states, results, reasons, figures, and every byte that flowed.
 */
import type { Decision } from '@portolan/federation'
import type { Encounters } from './encounter.ts'
import type { Evidence, TaskEvidence } from './evidence.ts'
import { candidates, candidatesWithoutWishes } from './expect.ts'
import { ACTORS, type Actor, OUTSIDER, ownerOf, PROJECTS } from './people.ts'
import { expectedFetches, expectedFlows, expectedPreview, expectedResult, expectedSites, type Script } from './script.ts'
import { type DemoTask, isFree } from './tasks.ts'
import { addUp, type Fetch, type Flow, sortAccesses, sumCrossings, type Traffic } from './traffic.ts'
import { isBound, isPublic, LINKED, SITE_FACTS, SITES } from './world.ts'

/** The state in which a task ends that has this fate. */
const STATES = { complete: 'COMPLETE', refused: 'SYSTEM_ERROR', cancelled: 'CANCELED' } as const
/** The broker counts so much for each file that moves, and rounds up. */
const FILE_MS = 100
const ROUNDING_MS = 2
const NOT_FOUND = 404
/** What somebody who is in no project may get for a create. */
const REFUSALS: readonly number[] = [400, 403]
/** Reasons that pass, which the demo's sum knows nothing of: there is no room, the site is down, or has failed the task already. */
const PASSING: readonly string[] = ['NO_ROOM_NOW', 'SITE_DOWN', 'SITE_DRAINING', 'BREAKER_OPEN', 'ALREADY_TRIED']

/** Everything that did not go as calculated, a sentence each; empty if all did. */
export function judge(script: Script, evidence: Evidence): readonly string[] {
  const failures = script.tasks.flatMap(task => {
    const seen = evidence.tasks.get(task.name)
    return seen ? [...judgeTask(task, seen, script), ...judgeResult(task, seen, evidence)] : [`nothing is known of ${task.name}`]
  })
  const traffic = sortAccesses(evidence.accesses, script.tasks)
  return [
    ...failures,
    ...judgeEncounters(script, evidence.encounters),
    ...judgeSites(evidence),
    ...judgeTraffic(script, traffic),
    ...judgeFetches(script, traffic.fetches),
    ...judgeLinks(evidence),
  ]
}

/** Each must see what is theirs, and nothing else; what is not theirs must look as if it were not there. */
function judgeEncounters({ tasks }: Script, { listed, pried, outsider }: Encounters): readonly string[] {
  const own = (actor: Actor): string =>
    tasks
      .filter(task => ownerOf(task.actor) === ownerOf(actor))
      .map(({ name }) => name)
      .toSorted()
      .join(', ')
  const told = outsider.missing.ways.map(({ entitlement }) => entitlement).toSorted()
  const due = Object.values(PROJECTS).map(({ group }) => group)
  return [
    ...ACTORS.filter(actor => listed[actor].join(', ') !== own(actor)).map(
      actor => `${actor} sees ${listed[actor].join(', ') || 'no task'}, and should see ${own(actor)}`,
    ),
    ...ACTORS.filter(actor => !pried.some(prying => prying.actor === actor)).map(actor => `${actor} asked for no task of somebody else`),
    ...pried
      .filter(({ status }) => status !== NOT_FOUND)
      .map(({ actor, task, status }) => `${actor} asked for ${task} of somebody else and got ${status}, and not ${NOT_FOUND}`),
    ...(outsider.listed.length === 0 ? [] : [`${OUTSIDER} is in no project and sees ${outsider.listed.join(', ')}`]),
    ...(REFUSALS.includes(outsider.status) ? [] : [`${OUTSIDER} is in no project, and a create of hers got ${outsider.status}`]),
    ...(told.join('; ') === due.toSorted().join('; ') ? [] : [`${OUTSIDER} is told that she lacks ${told.join('; ') || 'nothing'}`]),
  ]
}

/** A site without a login must be shown as open, and no other. */
function judgeSites({ sites }: Evidence): readonly string[] {
  const word = (open: boolean | undefined): string => (open === undefined ? 'not at all' : open ? 'as open' : 'with a login')
  return SITES.flatMap(site => {
    const [shown, due] = [sites.find(({ id }) => id === site)?.open, SITE_FACTS[site].open]
    return shown === due ? [] : [`${site} is shown ${word(shown)}, and not ${word(due)}`]
  })
}

function judgeTask(task: DemoTask, seen: TaskEvidence, script: Script): readonly string[] {
  const { name, fate } = task
  const failures: string[] = []
  const wanted = expectedSites(task, script)
  if (seen.sites.join() !== wanted.join())
    failures.push(`${name} ran at ${seen.sites.join(', ') || 'no site'}; calculated: ${wanted.join(', ') || 'no site'}`)
  const before = expectedPreview(task, script)
  if (seen.preview.chosen !== (before ?? null))
    failures.push(`${name} would have gone to ${seen.preview.chosen ?? 'no site'}, it was said; calculated: ${before ?? 'no site'}`)
  if (seen.state !== STATES[fate]) failures.push(`${name} ended ${seen.state}; it should have ended ${STATES[fate]}`)
  if (fate === 'refused' && seen.decision.sites.some(({ reasons }) => reasons.length === 0))
    failures.push(`${name} was refused by a site without a reason`)
  const said = [seen.preview, seen.decision].flatMap(decision => [
    ...judgeFigures(task, decision, script),
    ...judgeAdmitted(task, decision, script),
    ...judgeResidency(task, decision, script),
    ...judgeSensitivity(task, decision),
    ...judgeWishes(task, decision, script),
  ])
  return [...failures, ...new Set(said)]
}

/** What its people have got must be the result, and what its store vouches for. */
function judgeResult(task: DemoTask, { result }: TaskEvidence, { inS3 }: Evidence): readonly string[] {
  if (task.fate !== 'complete') return []
  if (result?.text !== expectedResult(task)) return [`${task.name}: the result is not what the same files give when computed again`]
  return inS3 && result.checked === undefined ? [`${task.name}: the result was not compared with a digest of its store`] : []
}

/** Where the broker's figures differ from the demo's own sum: bytes exactly, time to the rounding. */
function judgeFigures(task: DemoTask, decision: Decision, { deal, sizes }: Script): readonly string[] {
  const own = candidates(task, deal, sizes)
  return decision.sites.flatMap(({ id, terms }) => {
    if (!terms) return []
    const sum = own.find(({ site }) => site === id)
    if (!sum) return [`${task.name} may run at ${id}, the broker says; by the demo's sum it may not`]
    const ms = sum.seconds * 1000 + task.files.filter(file => deal[file] !== sum.site).length * FILE_MS
    const isSame = terms.bytesToMove === sum.bytes && Math.abs(terms.transferMs - ms) <= ROUNDING_MS
    if (isSame) return []
    const said = `${task.name} at ${id}: the broker counts ${terms.bytesToMove} bytes in ${terms.transferMs} ms`
    return [`${said}; the demo ${sum.bytes} bytes in ${Math.round(ms)} ms`]
  })
}

/** Sites that may run the task by the demo's own sum, and were barred for good. */
function judgeAdmitted(task: DemoTask, decision: Decision, { deal, sizes }: Script): readonly string[] {
  return candidates(task, deal, sizes).flatMap(({ site }) => {
    const reasons = decision.sites.find(({ id }) => id === site)?.reasons
    if (!reasons) return [`${task.name}: nothing is said of ${site}`]
    const barring = reasons.filter(({ code }) => !PASSING.includes(code)).map(({ code }) => code)
    return barring.length === 0 ? [] : [`${task.name} may run at ${site} by the demo's sum; the broker bars it by ${barring.join(', ')}`]
  })
}

/** Sites without a login that were not barred from data that is not public. */
function judgeSensitivity(task: DemoTask, decision: Decision): readonly string[] {
  if (task.files.every(isPublic)) return []
  return SITES.filter(site => SITE_FACTS[site].open && !isBarred(decision, site, 'SENSITIVITY')).map(
    site => `${task.name}: ${site} has no login and is not barred by SENSITIVITY`,
  )
}

/** Sites abroad that were not barred from data that is bound to its country. */
function judgeResidency(task: DemoTask, decision: Decision, { deal }: Script): readonly string[] {
  const bound = task.files.filter(isBound).map(file => SITE_FACTS[deal[file]].country)
  const abroad = SITES.filter(site => bound.some(country => country !== SITE_FACTS[site].country))
  return abroad
    .filter(site => !isBarred(decision, site, 'RESIDENCY'))
    .map(site => `${task.name}: ${site} lies in another country and is not barred by RESIDENCY`)
}

/** Sites that were not barred although they are not what the task wishes for. */
function judgeWishes(task: DemoTask, decision: Decision, { deal, sizes }: Script): readonly string[] {
  if (isFree(task)) return []
  const own = candidates(task, deal, sizes)
  return candidatesWithoutWishes(task, deal, sizes)
    .filter(({ site }) => own.every(wished => wished.site !== site) && !isBarred(decision, site, 'NOT_REQUESTED'))
    .map(({ site }) => `${task.name}: ${site} is not what the task wishes for and is not barred by NOT_REQUESTED`)
}

function isBarred({ sites }: Decision, site: string, by: string): boolean {
  return sites.some(({ id, reasons }) => id === site && reasons.some(({ code }) => code === by))
}

/** Where the logs differ from the calculation, file by file and border by border. */
function judgeTraffic(script: Script, { flows, strangers }: Traffic): readonly string[] {
  const expected = expectedFlows(script)
  const [seen, wanted] = [addUp(flows), addUp(expected)]
  const [crossed, meant] = [sumCrossings(flows), sumCrossings(expected)]
  return [
    ...strangers.map(access => `no task explains this access: ${access}`),
    ...findBreaches(flows, script),
    ...[...wanted.keys()].filter(key => !seen.has(key)).map(key => `${key} should have been moved or read and was not`),
    ...[...seen.keys()].filter(key => !wanted.has(key)).map(key => `${key} was moved or read and should not have been`),
    ...[...seen].flatMap(([key, { bytes }]) => {
      const due = wanted.get(key)?.bytes ?? bytes
      return due === bytes ? [] : [`${key}: ${bytes} bytes by the logs, and ${due} by the calculation`]
    }),
    ...[...meant].flatMap(([border, due]) =>
      (['input', 'result'] as const)
        .filter(what => crossed.get(border)?.[what] !== due[what])
        .map(what => `${crossed.get(border)?.[what]} bytes of ${what}s crossed from ${border}, and ${due[what]} should have`),
    ),
  ]
}

/** Each result must have gone to its people once, and whole, from the store where it lies. */
function judgeFetches(script: Script, fetches: readonly Fetch[]): readonly string[] {
  const say = ({ task, from, bytes }: Fetch): string => `the result of ${task} to its people, ${bytes} bytes from ${from}`
  const [seen, wanted] = [fetches.map(say), expectedFetches(script).map(say)]
  return [
    ...wanted.filter(fetch => !seen.includes(fetch)).map(fetch => `${fetch}, should have gone and did not`),
    ...seen.filter((fetch, at) => !wanted.includes(fetch) || seen.indexOf(fetch) !== at).map(fetch => `${fetch}, went and should not have`),
  ]
}

/** In S3 one site has no say in how it reads what lies elsewhere: it is given links. */
function judgeLinks({ inS3, accesses }: Evidence): readonly string[] {
  if (!inS3) return []
  return accesses
    .filter(({ reader, method, holder }) => reader === LINKED && method === 'GET' && holder !== LINKED)
    .map(({ path, holder }) => `${LINKED} read ${path} of ${holder} by its own key, and not by a link`)
}

/** Flows that no rule of the demo's world admits; there must be none. */
function findBreaches(flows: readonly Flow[], { tasks, deal }: Script): readonly string[] {
  return flows.flatMap(({ what, name, from, to }) => {
    const sources = what === 'input' ? [name] : (tasks.find(task => `${task.name}.tsv` === name)?.files ?? [])
    const files = Object.keys(deal) as (keyof typeof deal)[]
    return files
      .filter(file => sources.includes(file))
      .filter(
        file =>
          (isBound(file) && SITE_FACTS[to].country !== SITE_FACTS[deal[file]].country) ||
          (what === 'input' && !isPublic(file) && SITE_FACTS[to].open),
      )
      .map(() => `the ${what} ${name} of ${from} must not be at ${to}, and went there`)
  })
}
