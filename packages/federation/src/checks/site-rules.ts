/** Rules that a site states in its own language are decided elsewhere and arrive as extra verdicts. */
import type { Check } from './check.ts'
import { failDeclared } from './declared.ts'

/** Fails if the site has rules of its own and nobody has decided them; what was decided is added by `judgeSite()`. */
export const siteRule: Check = {
  code: 'SITE_RULE',
  requires: "The site's own rules are decided and admit the task.",
  check: context => {
    const { at, extra } = context
    if (at.site.policy.siteRules !== true || Object.hasOwn(extra, at.site.id)) return failDeclared('SITE_RULE', context)
    return {
      code: 'SITE_RULE',
      detail: `${at.site.name} has rules of its own that could not be decided`,
      fix: 'Ask the operator of the broker: the rules of this site are not being evaluated.',
    }
  },
}
