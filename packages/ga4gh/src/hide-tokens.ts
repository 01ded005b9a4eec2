/**
 * Takes tokens out of a text by what they look like, whoever wrote it and wherever it goes: JSON web tokens, and the tokens of a Portolan broker,
 * whose prefix says what they are. Takes time in proportion to the text, whatever it is.
 */
import type { Problem } from './error-body.ts'

const HIDDEN = '[hidden]'

/** Personal and refresh tokens, device codes, sessions. What is cut off so far that four characters are left opens nothing. */
const OWN = /portolan_(pat|rt|dc|sid)_[0-9A-Za-z]{4,}/g
/** Segments of base64url with dots between, from the first. */
const DOTTED = /(?<![\w-])[\w-]+(?:\.[\w-]*)+/g
/** How each segment of a JSON web token begins that is a JSON object: `{"` in base64. */
const JSON_BEGINS = 'eyJ'
/** `{"alg":"` and more: what is shorter is no header. */
const SHORTEST_HEADER = 11

/** The text, with `[hidden]` in place of each token. */
export function hideTokens(text: string): string {
  const shown = text.includes('portolan_') ? text.replace(OWN, `portolan_$1_${HIDDEN}`) : text
  return shown.includes(JSON_BEGINS) ? shown.replace(DOTTED, hideWebToken) : shown
}

/** The problem, with no token in any of its texts. */
export function hideInProblem({ path, message, fix }: Problem): Problem {
  return { path: hideTokens(path), message: hideTokens(message), fix: hideTokens(fix) }
}

function hideWebToken(run: string): string {
  for (let at = run.indexOf(JSON_BEGINS); at >= 0; at = run.indexOf(JSON_BEGINS, at + 1)) {
    if (run.indexOf('.', at) - at >= SHORTEST_HEADER) return run.slice(0, at) + HIDDEN
  }
  return run
}
