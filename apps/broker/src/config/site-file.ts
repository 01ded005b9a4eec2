/**
 * A site as an operator declares it: facts, a credential, and the site's policy.
 */
import * as z from 'zod'
import { SiteCredentialFile } from './credential-file.ts'
import { Country, Identifier, listOfAdmitted, OpenRecord, Positive, PositiveInt, SensitivityWord, ServerUrl } from './fields.ts'
import { SiteTrackingFile } from './tracking-file.ts'

const Word = z.string().min(1)
const strings = z.array(Word)

const ImagesFile = z.strictObject({
  allow: listOfAdmitted(Word, 'leave the key out to allow every image, or name one pattern')
    .optional()
    .describe('Patterns of image names (`*` stands for anything); absent: every image. Never empty.'),
  digest: z.enum(['required', 'optional']).optional().describe('`required`: images must be pinned by digest.'),
  base: strings.optional().describe('Base images that an image must be built on.'),
  signed: z.unknown().optional().describe('Whose signature an image must carry.'),
})

const PolicyFile = z.strictObject({
  projects: listOfAdmitted(Identifier, 'leave the key out to admit every project, name one, or write draining: true to take nothing new')
    .optional()
    .describe('Projects that the site admits; absent: every one. Never empty.'),
  groups: strings.optional().describe('Entitlements; a person needs one of them.'),
  countries: z.array(Country).optional().describe('Countries whose people are admitted.'),
  affiliations: strings.optional().describe('Affiliations; a person needs one of them.'),
  terms: strings.optional().describe('Terms that a person must have accepted.'),
  assurance: z.string().optional().describe('Lowest assurance of a person’s identity.'),
  mfa: z.string().optional().describe('The second factor that a login must have used.'),
  visas: z.array(OpenRecord).optional().describe('Visas that a person must hold.'),
  visaMarginHours: z.number().min(0).optional().describe('How much longer than the longest run a visa must be valid.'),
  approvedWorkOnly: z.boolean().optional().describe('Only approved work runs here.'),
  egressReview: z.boolean().optional().describe('Results are reviewed before they leave.'),
  isolation: z.string().optional().describe('The isolation that tasks must run in.'),
  images: ImagesFile.optional().describe('Which images may run.'),
  outputs: z
    .strictObject({
      allow: listOfAdmitted(Word, 'leave `outputs` out to let results go everywhere, or name one URL prefix').describe(
        'URL prefixes that results may go to. Never empty.',
      ),
    })
    .optional()
    .describe('Where results may go; absent: everywhere.'),
  quota: OpenRecord.optional().describe('What may be used up.'),
  frozen: z.boolean().optional().describe('Nothing starts while this is true.'),
})
export type PolicyFile = z.infer<typeof PolicyFile>

export const SiteFile = z
  .strictObject({
    id: Identifier.describe('The name of the site in tags, metrics and commands.'),
    name: z.string().min(1).optional().describe('The name for people. Default: the id.'),
    api: z.enum(['tes', 'wes']).default('tes').describe('Which standard the site speaks. `wes` is not yet supported.'),
    url: ServerUrl.describe('Base address of its API, without `/tasks`.'),
    dialect: z
      .enum(['auto', 'tes-1.1', 'tesk', 'funnel'])
      .default('auto')
      .describe('How the site differs from the standard. Today `auto` means `tes-1.1`; others are not yet supported.'),
    credential: SiteCredentialFile.optional().describe('How the broker logs in there. Absent: the site is open and gets public data only.'),
    place: z
      .strictObject({
        country: Country.describe('Country whose law holds there (ISO 3166-1).'),
        city: z.string().min(1).optional().describe('City.'),
        lat: z.number().min(-90).max(90).optional().describe('Latitude, for maps only.'),
        lon: z.number().min(-180).max(180).optional().describe('Longitude, for maps only.'),
      })
      .describe('Where it stands.'),
    capacity: z
      .strictObject({
        cpuCores: Positive.optional().describe('Most CPU cores of one task.'),
        ramGb: Positive.optional().describe('Most memory of one task, in GB (10^9 bytes).'),
        diskGb: Positive.optional().describe('Most disk of one task, in GB (10^9 bytes).'),
        maxRunHours: Positive.optional().describe('Longest run of one task, in hours; the broker cancels what runs longer (RUN_TOO_LONG).'),
      })
      .prefault({})
      .describe('The most that one task can get. Absent: no limit is known.'),
    network: z
      .strictObject({
        defaultMbps: Positive.default(100).describe('Megabits (10^6) per second into the site.'),
        from: z.record(z.string(), Positive).default({}).describe('The same, from single locations.'),
      })
      .prefault({})
      .describe('How fast data comes in.'),
    limits: z
      .strictObject({
        requestsPerSecond: Positive.default(5).describe('Most requests per second.'),
        concurrentRequests: PositiveInt.default(4).describe('Most requests at once.'),
        maxIdleTasks: PositiveInt.default(20).describe('Most tasks of ours there that do not run yet.'),
        liveReadsPerSecond: Positive.max(10)
          .default(0.5)
          .describe('Most looks per second at the logs of tasks that run, for all who follow them together.'),
        maxDocumentKiB: Positive.default(256).describe('Largest task document that the site takes, in KiB.'),
      })
      .prefault({})
      .describe('What the site is to be spared.'),
    tracking: SiteTrackingFile.prefault({}).describe('How this site is followed, where it differs.'),
    holds: z.array(Identifier).default([]).describe('Locations on the site’s own ground: their bytes need not move.'),
    maxSensitivity: SensitivityWord.default('public').describe('The most sensitive data that it may hold.'),
    policy: PolicyFile.prefault({}).describe('The site’s rules. An absent key is no rule.'),
    draining: z.boolean().default(false).describe('True: what runs goes on, nothing new starts.'),
  })
  .describe('A site.')
export type SiteFile = z.infer<typeof SiteFile>
