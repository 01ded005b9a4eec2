/**
 * When an address that somebody else has signed ends, by what stands in its query. Pure. A signature may end earlier than it says, with the credentials
 * that made it; that nobody can read.
 */

/** Ends that are further away, or before anybody signed addresses, mean something else: milliseconds, a number of seconds, "never". */
const FIRST_MS = Date.UTC(2000)
const LAST_MS = Date.UTC(2100)

/** Parameters by their names in small letters; undefined where one is missing, or is there twice. */
type Read = (name: string) => string | undefined

/** The ways in which stores say it: AWS and Google (version 4), both and CloudFront (an end and a signature), Azure. */
const READERS: readonly ((read: Read) => number | undefined)[] = [
  read => addSeconds(readBasic(read('x-amz-date')), read('x-amz-expires')),
  read => addSeconds(readBasic(read('x-goog-date')), read('x-goog-expires')),
  read => (read('signature') === undefined ? undefined : addSeconds(0, read('expires'))),
  read => (read('sig') === undefined ? undefined : readExtended(read('se'))),
]

/** ms since 1970; undefined where the address does not say it in a way that is known, or says what cannot be. Of several ends the first. */
export function findAddressEnd(address: string): number | undefined {
  const params = [...(URL.parse(address)?.searchParams ?? [])].map(([name, value]) => [name.toLowerCase(), value] as const)
  const read: Read = name => {
    const [only, ...others] = params.filter(([other]) => other === name)
    return others.length > 0 ? undefined : only?.[1]
  }
  const ends = READERS.flatMap(readEnd => readEnd(read) ?? []).filter(end => end >= FIRST_MS && end < LAST_MS)
  return ends.length === 0 ? undefined : Math.min(...ends)
}

function addSeconds(from: number | undefined, seconds = ''): number | undefined {
  return from !== undefined && /^[1-9]\d{0,11}$/.test(seconds) ? from + Number(seconds) * 1000 : undefined
}

/** `20261122T070200Z` */
function readBasic(text = ''): number | undefined {
  const [, day, time] = /^(\d{8})T(\d{6})Z$/.exec(text) ?? []
  return day !== undefined && time !== undefined
    ? readMoment(`${day.replace(/(..)(..)$/, '-$1-$2')}T${time.replace(/(..)(..)$/, ':$1:$2')}`)
    : undefined
}

/** `2026-11-22T07:02:00Z`; what is smaller than a day may be left out from its end. */
function readExtended(text = ''): number | undefined {
  const [, day, minute = 'T00:00', second = ':00'] = /^(\d{4}-\d\d-\d\d)(?:(T\d\d:\d\d)(:\d\d)?(?:\.\d{1,7})?Z)?$/.exec(text) ?? []
  return day === undefined ? undefined : readMoment(`${day}${minute}${second}`)
}

/** Of a moment in UTC that the calendar has. */
function readMoment(text: string): number | undefined {
  const ms = Date.parse(`${text}Z`)
  return Number.isFinite(ms) && new Date(ms).toISOString() === `${text}.000Z` ? ms : undefined
}
