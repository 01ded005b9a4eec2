/**
 * The demo's judgement: a performance that went as said passes, and one in which a single thing is not as said fails with the sentence that says it.
 * The decisions are those of the broker's placement; states, results and access logs are those of an honest performance, each then altered.
 */
import type { Decision } from '@portolan/federation'
import { describe, expect, it } from 'vitest'
import type { Encounters } from '../../demo/src/encounter.ts'
import type { Evidence, TaskEvidence } from '../../demo/src/evidence.ts'
import { judge } from '../../demo/src/judge.ts'
import { ACTORS, type Actor, ownerOf, PROJECTS } from '../../demo/src/people.ts'
import { expectedFetches, expectedFlows, expectedResult, expectedSites, type Script, writeScript } from '../../demo/src/script.ts'
import type { DemoTask } from '../../demo/src/tasks.ts'
import type { Access, Fetch, Flow } from '../../demo/src/traffic.ts'
import { BROKER, type FileName, folderOf, LINKED, SITE_FACTS, SITES, type SiteName, VICTIM } from '../../demo/src/world.ts'
import { openPlacement } from './placement.ts'

const STATES = { complete: 'COMPLETE', refused: 'SYSTEM_ERROR', cancelled: 'CANCELED' } as const

/** What an honest performance leaves behind, with the data at data servers or in S3. */
async function imagine(script: Script, inS3 = false): Promise<Evidence> {
  await using placement = await openPlacement(script, inS3)
  const evidenceOf = async (task: DemoTask): Promise<TaskEvidence> => {
    const sites = expectedSites(task, script)
    return {
      preview: await placement.decide(task, task.duringOutage ? { closed: [VICTIM] } : {}),
      decision: await placement.decide(task, sites.length > 1 ? { tried: [VICTIM] } : {}),
      sites,
      state: STATES[task.fate],
      seconds: 1,
      result: task.fate === 'complete' ? { text: expectedResult(task), checked: 'md5' } : undefined,
    }
  }
  const tasks = new Map<string, TaskEvidence>()
  for (const task of script.tasks) tasks.set(task.name, await evidenceOf(task))
  const sites = SITES.map(id => ({ id, open: SITE_FACTS[id].open }))
  const flows = expectedFlows(script).map(toAccess)
  const accesses = [
    ...(inS3 ? flows.map(toLink) : flows),
    ...expectedFetches(script).map(fetchToAccess),
    ...(inS3 ? SITES.map(toList) : []),
  ]
  return { sites, inS3, tasks, accesses, encounters: imagineEncounters(script) }
}

function imagineEncounters({ tasks }: Script): Encounters {
  const own = (actor: Actor): string[] =>
    tasks
      .filter(task => ownerOf(task.actor) === ownerOf(actor))
      .map(({ name }) => name)
      .toSorted()
  return {
    listed: { alice: own('alice'), engine: own('engine'), bob: own('bob') },
    pried: ACTORS.map(actor => ({ actor, task: actor === 'bob' ? 'patient' : 'named', status: 404 })),
    outsider: {
      ...{ listed: [], status: 400, said: 'You are in no project' },
      missing: { says: 'You lack a group', ways: Object.values(PROJECTS).map(({ group }) => ({ entitlement: group, ask: 'its desk' })) },
    },
  }
}

function toAccess({ what, name, from, to, bytes }: Flow): Access {
  if (what === 'input') return { reader: to, method: 'GET', path: pathOf(name as FileName), status: 200, bytes, holder: from }
  return { reader: from, method: 'PUT', path: `/results/${name}`, status: 201, bytes, holder: to }
}

function fetchToAccess({ task, from, bytes }: Fetch): Access {
  return { reader: BROKER, method: 'GET', path: `/results/${task}.tsv`, status: 200, bytes, holder: from }
}

/** One site reads what lies elsewhere by links. */
function toLink(access: Access): Access {
  const isLinked = access.reader === LINKED && access.method === 'GET' && access.holder !== LINKED
  return isLinked ? { ...access, reader: BROKER, presigned: true } : access
}

/** The broker asks a bucket what lies there. */
function toList(holder: SiteName): Access {
  return { reader: BROKER, method: 'GET', path: '/', status: 200, bytes: 0, holder }
}

const pathOf = (name: FileName): string => `/${folderOf(name)}/${name}`

const usual = writeScript('')
const honest = await imagine(usual)

/** The same performance, but for one task. */
function alter(name: string, change: (seen: TaskEvidence) => Partial<TaskEvidence>): Evidence {
  const seen = honest.tasks.get(name)
  if (!seen) throw new Error(`no task ${name}`)
  return { ...honest, tasks: new Map([...honest.tasks, [name, { ...seen, ...change(seen) }]]) }
}

/** The same decision, but for one site. */
function alterSite(
  decision: Decision,
  id: string,
  change: (site: Decision['sites'][number]) => Partial<Decision['sites'][number]>,
): Decision {
  return { ...decision, sites: decision.sites.map(site => (site.id === id ? { ...site, ...change(site) } : site)) }
}

/** The same performance, but for what the cast sees. */
function withEncounters(change: (seen: Encounters) => Partial<Encounters>): Evidence {
  return { ...honest, encounters: { ...honest.encounters, ...change(honest.encounters) } }
}

function withAccesses(change: (accesses: readonly Access[]) => readonly Access[]): Evidence {
  return { ...honest, accesses: change(honest.accesses) }
}

const without = (accesses: readonly Access[], reader: string, path: string, count = 1): readonly Access[] => {
  const found = accesses.filter(access => access.reader === reader && access.path === path).slice(0, count)
  if (found.length < count) throw new Error(`${reader} does not access ${path} so often`)
  return accesses.filter(access => !found.includes(access))
}

const read = (reader: string | undefined, holder: Access['holder'], name: FileName, status = 200): Access => ({
  ...{ reader, holder, status, method: 'GET', path: pathOf(name) },
  bytes: status < 300 ? usual.sizes[name] : 0,
})

describe('the judgement of the demo', () => {
  it.each(['', 'portolan', 'seed-1', 'seed-2', 'seed-3'])('finds nothing wrong where all went as said, dealt by "%s"', async seed => {
    const script = writeScript(seed)
    expect(judge(script, await imagine(script))).toEqual([])
    expect(judge(script, await imagine(script, true))).toEqual([])
  })

  it.each<[string, Evidence, string]>([
    [
      'somebody sees a task of another project',
      withEncounters(({ listed }) => ({ listed: { ...listed, bob: [...listed.bob, 'two-sites'].toSorted() } })),
      'bob sees named, own-bielefeld, own-surf, two-sites, and should see named, own-bielefeld, own-surf',
    ],
    [
      'somebody does not see their own tasks',
      withEncounters(({ listed }) => ({ listed: { ...listed, bob: [] } })),
      'bob sees no task, and should see named, own-bielefeld, own-surf',
    ],
    [
      'a task of somebody else is said to be there',
      withEncounters(({ pried }) => ({ pried: pried.map(prying => ({ ...prying, status: prying.actor === 'bob' ? 403 : 404 })) })),
      'bob asked for patient of somebody else and got 403, and not 404',
    ],
    ['nobody tries to see a task of somebody else', withEncounters(() => ({ pried: [] })), 'engine asked for no task of somebody else'],
    [
      'somebody without a project may submit',
      withEncounters(({ outsider }) => ({ outsider: { ...outsider, status: 200 } })),
      'carol is in no project, and a create of hers got 200',
    ],
    [
      'somebody without a project is not told what is missing',
      withEncounters(({ outsider }) => ({ outsider: { ...outsider, missing: { ...outsider.missing, ways: [] } } })),
      'carol is told that she lacks nothing',
    ],
    [
      'a task that residency binds ran abroad',
      alter('residency', () => ({ sites: ['bielefeld'] })),
      'residency ran at bielefeld; calculated: surf',
    ],
    [
      'a site abroad is barred, but not by residency',
      alter('residency', ({ decision }) => ({ decision: alterSite(decision, 'charite', () => ({ reasons: [] })) })),
      'residency: charite lies in another country and is not barred by RESIDENCY',
    ],
    [
      'a site is barred that may run the task',
      alter('two-sites', ({ decision }) => ({
        decision: alterSite(decision, 'charite', () => ({
          terms: undefined,
          reasons: [{ code: 'INPUT_UNREACHABLE', detail: '', fix: '' }],
        })),
      })),
      "two-sites may run at charite by the demo's sum; the broker bars it by INPUT_UNREACHABLE",
    ],
    [
      'a site without a login is barred from what is not public, but not for that',
      alter('patient', ({ decision }) => ({
        decision: alterSite(decision, 'surf', ({ reasons }) => ({ reasons: reasons.filter(({ code }) => code !== 'SENSITIVITY') })),
      })),
      'patient: surf has no login and is not barred by SENSITIVITY',
    ],
    [
      'a task was said to go elsewhere before it was submitted',
      alter('two-sites', ({ preview }) => ({ preview: { ...preview, chosen: null } })),
      'two-sites would have gone to no site, it was said; calculated: bielefeld',
    ],
    [
      'a task that wishes to stay at home would not wait for its home',
      alter('homebound', ({ preview }) => ({ preview: alterSite(preview, 'bielefeld', () => ({ reasons: [] })) })),
      'homebound: bielefeld is not what the task wishes for and is not barred by NOT_REQUESTED',
    ],
    ['a task ran where it did not wish to', alter('named', () => ({ sites: ['bielefeld'] })), 'named ran at bielefeld; calculated: surf'],
    [
      'bytes cost no time',
      alter('two-sites', ({ decision }) => ({
        decision: alterSite(decision, 'surf', ({ terms }) => (terms ? { terms: { ...terms, transferMs: 100 } } : {})),
      })),
      'two-sites at surf: the broker counts 450489 bytes in 100 ms; the demo 450489 bytes in 1902 ms',
    ],
    [
      'bytes are not counted',
      alter('two-sites', ({ decision }) => ({
        decision: alterSite(decision, 'bielefeld', ({ terms }) => (terms ? { terms: { ...terms, bytesToMove: 0 } } : {})),
      })),
      'two-sites at bielefeld: the broker counts 0 bytes in 495 ms; the demo 49270 bytes in 494 ms',
    ],
    [
      'a site computed a wrong result',
      alter('own-surf', ({ result }) => ({ result: { text: result?.text.replace('400000', '400001') ?? '', checked: 'md5' } })),
      'own-surf: the result is not what the same files give when computed again',
    ],
    [
      'a result is missing',
      alter('own-surf', () => ({ result: { text: 'HTTP 404', checked: undefined } })),
      'own-surf: the result is not what the same files give when computed again',
    ],
    [
      'a result is not asked for',
      alter('own-surf', () => ({ result: undefined })),
      'own-surf: the result is not what the same files give when computed again',
    ],
    [
      'a result did not come from its store',
      withAccesses(accesses => without(accesses, BROKER, '/results/own-surf.tsv')),
      'the result of own-surf to its people, 71 bytes from surf, should have gone and did not',
    ],
    [
      'a result went out twice',
      withAccesses(accesses => [
        ...accesses,
        ...accesses.filter(({ reader, path }) => reader === BROKER && path === '/results/own-surf.tsv'),
      ]),
      'the result of own-surf to its people, 71 bytes from surf, went and should not have',
    ],
    [
      'a result came from elsewhere',
      withAccesses(accesses =>
        accesses.map(access => (access.reader === BROKER && access.path === '/results/named.tsv' ? { ...access, holder: 'surf' } : access)),
      ),
      'the result of named to its people, 62 bytes from surf, went and should not have',
    ],
    [
      'nothing of a store in S3 vouches for a result',
      { ...alter('own-surf', ({ result }) => ({ result: result && { ...result, checked: undefined } })), inS3: true },
      'own-surf: the result was not compared with a digest of its store',
    ],
    [
      'a site read with its own key what it is to read by links',
      { ...honest, inS3: true },
      'surf read /public/chr17-head.fa of bielefeld by its own key, and not by a link',
    ],
    [
      'a task ended otherwise',
      alter('cancelled', () => ({ state: 'COMPLETE' })),
      'cancelled ended COMPLETE; it should have ended CANCELED',
    ],
    [
      'a task was given up that may not run twice',
      alter('patient', () => ({ sites: ['charite', 'bielefeld'] })),
      'patient ran at charite, bielefeld; calculated: charite',
    ],
    [
      'a site refused without a reason',
      alter('controlled', ({ decision }) => ({ decision: alterSite(decision, 'charite', () => ({ reasons: [] })) })),
      'controlled was refused by a site without a reason',
    ],
    [
      'the log lacks a reading from abroad',
      withAccesses(accesses => without(accesses, 'bielefeld', '/public/lambda.fa')),
      'the input lambda.fa from surf to bielefeld should have been moved or read and was not',
    ],
    [
      'the log lacks one of several readings at home',
      withAccesses(accesses => without(accesses, 'charite', '/protected/HG00100.fq')),
      'the input HG00100.fq at charite: 258844 bytes by the logs, and 388266 by the calculation',
    ],
    [
      'the log lacks a result that went abroad',
      withAccesses(accesses => without(accesses, 'surf', '/results/named.tsv')),
      '0 bytes of results crossed from NL to DE, and 62 should have',
    ],
    [
      'a result has other bytes than the calculation',
      withAccesses(accesses => accesses.map(access => (access.path === '/results/rerunnable.tsv' ? { ...access, bytes: 70 } : access))),
      'the result rerunnable.tsv from bielefeld to surf: 70 bytes by the logs, and 71 by the calculation',
    ],
    [
      'a site read a file that none of its tasks names',
      withAccesses(accesses => [...accesses, read('surf', 'bielefeld', 'chr17-head.fa'), read('charite', 'bielefeld', 'chr17-head.fa')]),
      'the input chr17-head.fa from bielefeld to charite was moved or read and should not have been',
    ],
    [
      'a site read what may not leave its country',
      withAccesses(accesses => [...accesses, read('surf', 'charite', 'HG00100.fq')]),
      'the input HG00100.fq of charite must not be at surf, and went there',
    ],
    [
      'what was computed from bound data went abroad',
      withAccesses(accesses => [
        ...accesses,
        { reader: 'charite', method: 'PUT', path: '/results/patient.tsv', status: 201, bytes: 47, holder: 'surf' },
      ]),
      'the result patient.tsv of charite must not be at surf, and went there',
    ],
    [
      'somebody without a token read a file',
      withAccesses(accesses => [...accesses, read(undefined, 'surf', 'lambda.fa')]),
      'no task explains this access: surf answered 200 and 49270 bytes to GET /public/lambda.fa of nobody known',
    ],
    [
      'the broker itself read a file',
      withAccesses(accesses => [...accesses, read('broker', 'surf', 'lambda.fa')]),
      'no task explains this access: surf answered 200 and 49270 bytes to GET /public/lambda.fa of broker',
    ],
    [
      'somebody was refused',
      withAccesses(accesses => [...accesses, read('surf', 'charite', 'HG00102.fq', 401)]),
      'no task explains this access: charite answered 401 and 0 bytes to GET /protected/HG00102.fq of surf',
    ],
    [
      'the site without a login is not shown as open',
      { ...honest, sites: honest.sites.map(site => ({ ...site, open: false })) },
      'surf is shown with a login, and not as open',
    ],
    ['nothing is known of a task', { ...honest, tasks: new Map([...honest.tasks].slice(1)) }, 'nothing is known of two-sites'],
  ])('says so if %s', (_, evidence, sentence) => {
    expect(judge(usual, evidence)).toContain(sentence)
  })
})
