/**
 * URLs of the site's own data server: their files are read and written on disk, without the network, and stand in the access log as local.
 */
import type { AccessLog } from '../data-server/access-log.ts'
import type { DataFolder } from '../data-server/data-folder.ts'

export interface OwnData {
  /** The site's id, as its own reader. */
  readonly siteId: string
  readonly folder: DataFolder
  readonly log: AccessLog
  /** The path below the data folder that the URL names; undefined for a URL of another server. Throws `StagingFailed` for one of this server that names nothing there. */
  pathOf(url: URL): string | undefined
}
