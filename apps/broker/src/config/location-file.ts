/**
 * A location as an operator declares it: a place where bytes lie, and the rules of the data there.
 */
import * as z from 'zod'
import { LocationCredentialFile } from './credential-file.ts'
import { Country, FolderPath, Identifier, listOfAdmitted, OpenRecord, PrefixUrl, SensitivityWord, ServerUrl } from './fields.ts'

const PathMapFile = z.strictObject({
  from: FolderPath.describe('The folder as tasks name it, by path or by `file://` URL. The longest counts.'),
  to: PrefixUrl.describe('Where it is served: a URL that ends in `/`, below a prefix of this location.'),
  projects: listOfAdmitted(Identifier, 'leave the key out for all projects, or name one')
    .optional()
    .describe('Projects whose tasks may name files so; absent: all. Never empty.'),
})

const PrefixFile = z.strictObject({
  url: PrefixUrl.describe('Beginning of the URLs; ends in `/`, or names one object. The longest prefix counts.'),
  sensitivity: SensitivityWord.optional().describe(
    'How sensitive the data is. Default: `anonymised`, for nobody has said that it is public.',
  ),
  access: z
    .enum(['share', 'compute'])
    .optional()
    .describe(
      '`share`: its people may read it. `compute`: only approved work runs on it. Default: `compute` for `controlled`, else `share`.',
    ),
  residency: listOfAdmitted(Country, 'leave the key out to let it be computed everywhere, or name one country')
    .optional()
    .describe('Countries that the data may be computed in; absent: everywhere. Never empty.'),
  groups: z.array(z.string().min(1)).optional().describe('Entitlements that open it.'),
  visas: z.array(OpenRecord).optional().describe('Visas that open it.'),
  isolation: z.string().optional().describe('The isolation that tasks on it must run in.'),
  egressReview: z.boolean().optional().describe('Results made from it are reviewed before they leave.'),
  dataset: z.string().optional().describe('The data set’s own identifier.'),
  outputs: z.boolean().optional().describe('True: results of tasks may be written here.'),
})
export type PrefixFile = z.infer<typeof PrefixFile>
export type PathMapFile = z.infer<typeof PathMapFile>

export const LocationFile = z
  .strictObject({
    id: Identifier.describe('The name of the location.'),
    country: Country.describe('Country that the bytes lie in (ISO 3166-1).'),
    endpoint: ServerUrl.optional().describe(
      'The server. Needed for `s3`: the https addresses of its buckets fall under the rules of their prefixes; at AWS `https://s3.REGION.amazonaws.com` stands for those of the region, and tasks may name no other there. Default for `http`: the origin of its prefixes; for `drs`: https at the host of its prefixes. A DRS endpoint without a path stands for `/ga4gh/drs/v1` there.',
    ),
    kind: z
      .enum(['s3', 'http', 'drs', 'posix'])
      .describe(
        'What the place is. Its server is asked how large things are ([data](data.md#locators)), and only for tasks that some site would take ([access](access.md#what-a-decision-tells-of-data)). A file system is no place of its own: serve it by `s3` or `http` and name its folder in `pathMaps`; `posix` is not supported.',
      ),
    addressing: z.enum(['path', 'virtual']).optional().describe('How buckets are addressed; only for `s3`.'),
    region: z
      .string()
      .regex(/^[a-z0-9-]{1,64}$/)
      .optional()
      .describe('The region of the server. It is part of every signature of `s3`. Default there: `us-east-1`.'),
    cloud: z
      .string()
      .min(1)
      .optional()
      .describe(
        'Whose ground it is on, as DRS servers name it: `aws`, `gcp`, `azure` or another word. With `region` it tells where a DRS object lies.',
      ),
    checksums: z
      .enum(['supported', 'required'])
      .optional()
      .describe(
        'Only for `s3`. `required`: checksums are sent and asked for only where the API demands them, for older servers that know no others. Default: `supported`.',
      ),
    credential: LocationCredentialFile.optional().describe(
      'How the broker asks there, and signs links. It goes to the endpoint’s origin only; without one the broker asks as nobody.',
    ),
    credentialsAt: z
      .array(Identifier)
      .optional()
      .describe(
        'Sites that have credentials of their own there, and so get its URLs as they are; those that hold it are always among them. All others get links, where the broker can make them.',
      ),
    delivery: z
      .enum(['direct', 'relay', 'none'])
      .optional()
      .describe(
        'How people get bytes that lie there. `direct`: by links to the server. `relay`: through the broker, where people cannot reach the server. `none`: not at all. Default: `direct` for `s3` with a credential, and for `http` without one; `relay` for other `http`; else `none`.',
      ),
    pathMaps: z
      .array(PathMapFile)
      .optional()
      .describe('Shared work directories whose files are served there, for engines that name files by path.'),
    readableFrom: listOfAdmitted(Identifier, 'leave the key out if every site can read it, or name one site')
      .optional()
      .describe('Sites that can read it; absent: every site. Never empty.'),
    prefixes: z.array(PrefixFile).min(1).describe('What lies there.'),
  })
  .describe('A location.')
export type LocationFile = z.infer<typeof LocationFile>
