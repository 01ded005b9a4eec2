/**
 * In which form a site gets each input of a work item, and which links are to be made for that. Pure; the same rules and figures as placement, of the
 * one site that was chosen.
 */
import { chooseForm, formOf } from './choose-form.ts'
import type { CompiledSite, CompiledSnapshot } from './compile.ts'
import { computeTerms, prepareCost } from './cost.ts'
import { gatherFacts } from './facts.ts'
import type { InputForm, LinkWish } from './staging.ts'
import type { LocatedInput, Replica, Work } from './work.ts'

export interface StagingPlan {
  /** One for each input of the work item, in its order. */
  readonly forms: readonly InputForm[]
  /** One for each form that is a link, in their order. */
  readonly wishes: readonly LinkWish[]
  /** Addresses that a site asks its DRS server for by itself, and of which nobody knows yet where they lead: to be looked at, and to be handed to nobody. */
  readonly looks: readonly LinkWish[]
}

const LIFE_MIN_MS = 6 * 3_600_000
const LIFE_MAX_MS = 7 * 24 * 3_600_000
/** Waits and transfers are averages: a link that ends before its file is read costs the whole task. */
const LIFE_MARGIN = 3

const AS_IS: InputForm = { kind: 'asIs' }

/** `at` is the site of the snapshot that the work item goes to. */
export function planStaging(compiled: CompiledSnapshot, at: CompiledSite, work: Work): StagingPlan {
  const facts = gatherFacts(compiled, work)
  const known = new Map<LocatedInput, InputForm>()
  for (const { question, inputs } of facts.forms) {
    const choice = chooseForm(at, question)
    for (const input of inputs) known.set(input, formOf(input, choice))
  }
  for (const [scheme, { inputs }] of facts.plainInputs) {
    if (at.site.capabilities.inputSchemes.includes(scheme)) continue
    for (const input of inputs) known.set(input, { kind: 'unreadable', troubles: ['scheme'] })
  }
  const forms = work.inputs.map(input => known.get(input) ?? AS_IS)
  const { waitMs, transferMs } = computeTerms(prepareCost(facts), at)
  const lifeMs = linkLife(waitMs, transferMs)
  const neededMs = waitMs + transferMs
  const wishes = work.inputs.flatMap(({ path, directory }, index): readonly LinkWish[] => {
    const form = forms[index]
    if (form?.kind !== 'link') return []
    const { kind: _, ...source } = form
    return [{ path, ...source, directory: directory === true, lifeMs, neededMs, stagingMs: transferMs }]
  })
  const looks = work.inputs.flatMap(({ path, replicas }, index) =>
    forms[index]?.kind === 'asIs' ? replicas.flatMap(replica => lookAt(path, replica, lifeMs)) : [],
  )
  return { forms, wishes, looks }
}

function lookAt(path: string, { location, url, at, link }: Replica, lifeMs: number): readonly LinkWish[] {
  return link === true && at === undefined ? [{ path, url, location, directory: false, lifeMs }] : []
}

/** Three times the wait, since a queue grows, and the staging; never under six hours, never over the week that S3 admits. */
function linkLife(waitMs: number, transferMs: number): number {
  return Math.min(LIFE_MAX_MS, Math.max(LIFE_MIN_MS, LIFE_MARGIN * (LIFE_MARGIN * waitMs + transferMs)))
}
