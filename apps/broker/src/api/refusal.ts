/**
 * A refusal: why a request gets no answer but an error, as one of the kinds of `errors.ts`. Its texts reach everybody who may ask.
 */
import { type Problem, toSentence } from '@portolan/ga4gh/documents'
import { HttpProblem, type ProblemHeaders } from '@portolan/tes/server'
import { ERRORS, type ErrorSlug } from './errors.ts'

export interface RefusalDetails {
  readonly problems?: readonly Problem[] | undefined
  /** What to do about this one, in place of what one does about its kind; empty where the detail says it. */
  readonly fix?: string | undefined
  readonly headers?: ProblemHeaders | undefined
  readonly cause?: unknown
}

export class Refusal extends HttpProblem {
  readonly slug: ErrorSlug

  /** `detail`: what is wrong with this request; without it the title of the kind. The first field to mend is told in the same sentence. */
  constructor(slug: ErrorSlug, detail?: string, { problems = [], fix, headers, cause }: RefusalDetails = {}) {
    const { status, title, fix: usualFix } = ERRORS[slug]
    const [first] = problems
    const said = first ? `${first.path}: ${first.message}` : (detail ?? title)
    super(status, `${toSentence(said)} ${first?.fix ?? fix ?? usualFix}`.trimEnd(), { type: typeOf(slug), title, problems, headers, cause })
    this.slug = slug
  }
}

function typeOf(slug: ErrorSlug): string {
  return `urn:portolan:error:${slug}`
}
