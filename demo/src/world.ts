/**
 * The world of the demo: three sites, their countries and links, and the files that are dealt to them.
 */
export const SITES = ['bielefeld', 'charite', 'surf'] as const
export type SiteName = (typeof SITES)[number]

export interface SiteFacts {
  readonly name: string
  readonly country: 'DE' | 'NL'
  readonly city: string
  readonly ramGb: number
  /** A site without a login: shown as open, and never given more than public data. */
  readonly open: boolean
  /** Megabits per second from the data of another site. */
  readonly from: Readonly<Partial<Record<SiteName, number>>>
}

export const SITE_FACTS: Readonly<Record<SiteName, SiteFacts>> = {
  bielefeld: { name: 'de.NBI Bielefeld', country: 'DE', city: 'Bielefeld', ramGb: 64, open: false, from: { charite: 5, surf: 1 } },
  charite: { name: 'Charité Berlin', country: 'DE', city: 'Berlin', ramGb: 64, open: false, from: { bielefeld: 5, surf: 10 } },
  surf: { name: 'SURF Research Cloud', country: 'NL', city: 'Amsterdam', ramGb: 8, open: true, from: { bielefeld: 2, charite: 4 } },
}

export const FILES = [
  { name: 'HG00100.fq', sensitivity: 'pseudonymised' },
  { name: 'HG00101.fq', sensitivity: 'pseudonymised' },
  { name: 'HG00102.fq', sensitivity: 'controlled' },
  { name: 'chr17-head.fa', sensitivity: 'public' },
  { name: 'celegans-I.fa', sensitivity: 'public' },
  { name: 'celegans-mt.fa', sensitivity: 'public' },
  { name: 'lambda.fa', sensitivity: 'public' },
  { name: 'lambda-reads.fq', sensitivity: 'public' },
] as const
export type FileName = (typeof FILES)[number]['name']

/** The file that may be computed only in the country where it lies, although it is public. */
export const RESIDENT: FileName = 'celegans-mt.fa'

/** The site that is killed: the better linked of the two that are large enough for the rerunnable task. */
export const VICTIM: SiteName = 'charite'

/** Where the data lies in S3: the site that reads what lies elsewhere by links of the broker. The others read it by keys of their own. */
export const LINKED: SiteName = 'surf'

/** What the broker is called in access logs. */
export const BROKER = 'broker'

/** After so long a silence of its site a task may be given up, if it is marked rerunnable. */
export const LOST_SECONDS = 4

export function isPublic(file: FileName): boolean {
  return FILES.find(({ name }) => name === file)?.sensitivity === 'public'
}

/** True if neither the file nor what was computed from it may leave the country where the file lies. */
export function isBound(file: FileName): boolean {
  return file === RESIDENT || !isPublic(file)
}

/** Folder of the file on its data server: what everybody may read lies apart. */
export function folderOf(file: FileName): 'public' | 'protected' {
  return isPublic(file) ? 'public' : 'protected'
}
