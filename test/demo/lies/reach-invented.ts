/** Checks of reach, of which one says of Charité, wherever a task has inputs at two places, that it cannot read them. */
import type { Check } from '../../../packages/federation/src/checks/check.ts'
import { inputUnreachable as honest } from '../../../packages/federation/src/checks/reach.ts'

export {
  backendParameterUnsupported,
  featureUnsupported,
  isolationUnavailable,
  pathUnmapped,
  urlSchemeUnsupported,
} from '../../../packages/federation/src/checks/reach.ts'
export const inputUnreachable: Check = {
  ...honest,
  check: given =>
    given.at.site.id === 'charite' && given.facts.groups.length === 2
      ? { code: 'INPUT_UNREACHABLE', detail: 'Charité cannot read it', fix: 'None.' }
      : honest.check(given),
}
