/** Can the site read the inputs, write the outputs, and do what the task asks for? */
import { chooseForm, type FormQuestion, MOST_LINKED_FILES } from '../choose-form.ts'
import type { CompiledSite } from '../compile.ts'
import type { WorkFacts } from '../facts.ts'
import { listSome } from '../format.ts'
import type { FormClass } from '../input-forms.ts'
import type { InputGroup } from '../input-groups.ts'
import type { FormTrouble } from '../staging.ts'
import type { Check } from './check.ts'
import { closedCheck } from './declared.ts'

export const urlSchemeUnsupported: Check = {
  code: 'URL_SCHEME_UNSUPPORTED',
  requires:
    'The site reads every input by the scheme of its URL, of a replica or of a link that the broker can make, and writes the schemes of the outputs.',
  check: ({ at, facts }) => {
    const { inputSchemes, outputSchemes } = at.site.capabilities
    const bad = findBadSchemes(at, facts).map(({ scheme, url }) => `${scheme} for input (${url})`)
    for (const { scheme, url } of facts.outputs)
      if (scheme !== '' && scheme !== 'file' && !outputSchemes.includes(scheme)) bad.push(`${scheme} for output (${url})`)
    if (bad.length === 0) return undefined
    return {
      code: 'URL_SCHEME_UNSUPPORTED',
      detail: `${at.site.name} does not take ${listSome(bad)}`,
      fix: `Use ${listSome(inputSchemes)} for inputs and ${listSome(outputSchemes)} for outputs.`,
    }
  },
}

/** Schemes of inputs that the site reads in no form, each with the first such input: in the order of the task, as old decisions name them. */
function findBadSchemes(
  at: CompiledSite,
  { plainInputs, forms }: WorkFacts,
): readonly { readonly scheme: string; readonly url?: string }[] {
  const { inputSchemes } = at.site.capabilities
  const plain = [...plainInputs].flatMap(([scheme, found]) => (inputSchemes.includes(scheme) ? [] : [{ scheme, ...found }]))
  const chosen = forms.flatMap(form => (hasTrouble(at, form.question, 'scheme') ? [{ scheme: form.question.scheme, ...form }] : []))
  if (plain.length === 0 && chosen.length === 0) return []
  const ordered = [...plain, ...chosen].toSorted((a, b) => a.position - b.position)
  const first = new Map(ordered.toReversed().map(({ scheme, inputs }) => [scheme, inputs[0]?.url]))
  return [...new Set(ordered.map(({ scheme }) => scheme))].map(scheme => ({ scheme, url: first.get(scheme) ?? '' }))
}

export const inputUnreachable: Check = {
  code: 'INPUT_UNREACHABLE',
  requires:
    'Every input exists, the site may read at least one of the places where it lies, and can: with credentials of its own, or by links.',
  check: ({ at, facts }) => {
    const { unreadable, missing, ambiguous } = facts
    const bad: string[] = []
    for (const { url } of unreadable) bad.push(`${url} is not a URL that has one meaning`)
    for (const url of ambiguous) bad.push(`${url} may be another address of a declared bucket at AWS, whose rules it would pass by`)
    for (const { url, path } of missing) bad.push(`${url ?? path} does not exist`)
    const closed = facts.forms.some(({ question }) => hasTrouble(at, question, 'closed'))
    if (closed) {
      for (const group of facts.groups)
        if (isClosedTo(at, group, facts))
          for (const { url } of group.inputs) bad.push(`${url} lies at ${namePlaces(group, facts)}, which ${at.site.name} cannot read`)
    }
    const unlinked = facts.forms.flatMap(form => sayUnlinked(at, form))
    if (bad.length === 0 && unlinked.length === 0) return undefined
    return { code: 'INPUT_UNREACHABLE', detail: listSome([...bad, ...unlinked]), fix: fixReach(ambiguous.length > 0, bad.length === 0) }
  },
}

function fixReach(isAmbiguous: boolean, isUnlinkedAlone: boolean): string {
  if (isAmbiguous) return 'Write data at AWS as s3://bucket/key, or ask for its location to be declared.'
  if (isUnlinkedAlone)
    return 'Give an archive in place of a large directory, or ask for the site to be named in credentialsAt of the location.'
  return 'Check the URLs, or copy the input to a location that the site can read.'
}

function hasTrouble(at: CompiledSite, question: FormQuestion, trouble: FormTrouble): boolean {
  const choice = chooseForm(at, question)
  return choice.kind === 'unreadable' && choice.troubles.includes(trouble)
}

/** Inputs that lie where the site may read, and for which there is no form that it can. */
function sayUnlinked(at: CompiledSite, { question, inputs }: FormClass): readonly string[] {
  const choice = chooseForm(at, question)
  if (choice.kind !== 'unreadable') return []
  const { name } = at.site
  if (choice.troubles.includes('linkless')) {
    return inputs.map(({ url }) => `${name} has no credentials for ${url}, and takes no links, which are https`)
  }
  if (choice.troubles.includes('mixed')) {
    return inputs.map(
      ({ url }) => `the server of ${url} may lead ${name} to a place that it may not read, and hands out no address elsewhere`,
    )
  }
  if (!choice.troubles.includes('crowded')) return []
  return inputs.map(
    ({ url, files }) => `${url} holds ${files} files, and ${name} would need a link to each; ${MOST_LINKED_FILES} are made at most`,
  )
}

function isClosedTo(at: CompiledSite, { places }: InputGroup, facts: WorkFacts): boolean {
  return places.length > 0 && places.every(index => facts.places[index]?.readers?.has(at.site.id) === false)
}

function namePlaces(group: InputGroup, facts: WorkFacts): string {
  return listSome([...new Set(group.places.flatMap(index => facts.places[index]?.name ?? []))])
}

export const featureUnsupported: Check = {
  code: 'FEATURE_UNSUPPORTED',
  requires: 'The site can do what the document asks for.',
  check: ({ at, facts: { work } }) => {
    const lacks: string[] = []
    if (work.kind === 'run' && at.site.api !== 'wes') lacks.push('runs of workflows')
    if (work.kind === 'task' && at.site.api !== 'tes') lacks.push('single tasks')
    if (work.features.ignoreError && !at.site.capabilities.ignoreError) lacks.push('ignore_error')
    if (work.features.wildcards && !at.site.capabilities.wildcards) lacks.push('wildcards in outputs')
    if (lacks.length === 0) return undefined
    return {
      code: 'FEATURE_UNSUPPORTED',
      detail: `${at.site.name} does not support ${lacks.join(', ')}`,
      fix: 'Do without, or name a site that supports it.',
    }
  },
}

export const isolationUnavailable = closedCheck('ISOLATION_UNAVAILABLE', 'The site offers the isolation that its data asks for.')

export const backendParameterUnsupported: Check = {
  code: 'BACKEND_PARAMETER_UNSUPPORTED',
  requires: 'With backend_parameters_strict the site knows every backend parameter.',
  check: ({ at, facts: { work } }) => {
    if (!work.backendParametersStrict) return undefined
    const known = at.site.capabilities.backendParameters
    const bad = work.backendParameters.filter(name => !known.includes(name))
    if (bad.length === 0) return undefined
    return {
      code: 'BACKEND_PARAMETER_UNSUPPORTED',
      detail: `${at.site.name} does not know ${listSome(bad)}, and backend_parameters_strict is true`,
      fix: 'Leave them out, or set backend_parameters_strict to false.',
    }
  },
}

export const pathUnmapped: Check = {
  code: 'PATH_UNMAPPED',
  requires: 'Bare paths and file URLs mean something at the site.',
  check: ({ at, facts }) => {
    if (facts.filePaths.length === 0) return undefined
    const { inputSchemes, outputSchemes } = at.site.capabilities
    if (inputSchemes.includes('file') && outputSchemes.includes('file')) return undefined
    return {
      code: 'PATH_UNMAPPED',
      detail: `${at.site.name} cannot reach ${listSome(facts.filePaths)}`,
      fix: 'Name the files by a URL that the site can reach, such as https or s3.',
    }
  },
}
