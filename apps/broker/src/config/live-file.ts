/**
 * `limits.live`: how much of what a login is made of may be live at once. The defaults are far above what people use, and low enough that no list or
 * table grows without end.
 */
import * as z from 'zod'
import { PositiveInt } from './fields.ts'

const most = (what: string, usual: number) => PositiveInt.max(1_000_000).default(usual).describe(what)

export const LiveFile = z.strictObject({
  person: z
    .strictObject({
      tokens: most('Most personal tokens; a further one is refused until one is revoked or has expired.', 100),
      devices: most('Most logged-in devices; a further one ends the login of the one that was not used for longest.', 50),
      sessions: most('Most sessions of browsers; a further one ends the one that was not used for longest.', 20),
    })
    .prefault({})
    .describe('Of one person.'),
  begun: z
    .strictObject({
      logins: most('Most logins under way in browsers; a further one drops the oldest.', 10_000),
      devices: most('Most devices that wait for somebody to approve them; a further one drops the oldest.', 10_000),
    })
    .prefault({})
    .describe('Logins that anybody may begin, all together.'),
})
