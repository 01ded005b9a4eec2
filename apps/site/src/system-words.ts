/**
 * What the system's short words mean, for people: `ENAMETOOLONG` alone helps nobody. Pure.
 */

/** Refusals of the disk and of the process table, each with its fix. */
const DISK: Readonly<Record<string, string>> = {
  ENAMETOOLONG: 'its path, or one name in it, is longer than this machine takes (255 bytes a name, 4,095 the whole): use a shorter one',
  EEXIST: 'a file lies where its path needs a directory: use a path that leads through no file',
  ENOTDIR: 'a file lies where its path needs a directory: use a path that leads through no file',
  EISDIR: 'a directory lies where the file should be: use another name',
  ENOENT: 'it is no longer there: let nothing remove it while the task runs',
  ELOOP: 'its links lead in a circle: name the file itself',
  EACCES: 'the site is not permitted to read or write it: change its permissions, or ask the operator of the site',
  EPERM: 'the site is not permitted to read or write it: change its permissions, or ask the operator of the site',
  EROFS: 'the disk of the site cannot be written: ask its operator',
  ENOSPC: 'the disk of the site is full: ask its operator to make room',
  EDQUOT: 'the disk quota of the site is used up: ask its operator to make room',
  EFBIG: 'it is larger than a file can be at this site: split it',
  EIO: 'the disk of the site fails: ask its operator',
  EMFILE: 'the site has too many files open: submit the task again later',
  ENFILE: 'the site has too many files open: submit the task again later',
  E2BIG: 'its command and its env are longer than this machine takes: put long texts into an input file',
  EAGAIN: 'the site has too many processes: submit the task again later',
  ENOMEM: 'the site has no memory left: submit the task again later',
}

/** Failures on the way to another server, each with its fix. */
const NETWORK: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'no server listens there: check host and port, or wait until it runs again',
  ECONNRESET: 'the server cut the connection: submit the task again when it is well',
  EPIPE: 'the server cut the connection: submit the task again when it is well',
  ETIMEDOUT: 'the server does not answer: check host and port, or wait until it does',
  EHOSTUNREACH: 'no way leads to the server from this site: use an address that it can reach',
  ENETUNREACH: 'no way leads to the server from this site: use an address that it can reach',
  EPROTO: 'the server does not speak TLS there: check the scheme and the port',
  ERR_TLS_CERT_ALTNAME_INVALID: 'the certificate of the server is for another name: use the name that it is for',
  CERT_HAS_EXPIRED: 'the certificate of the server is over: its operator must renew it',
}

/** The words for an error of the disk or the process table; undefined for an error that has no code of the system. */
export function describeRefusal(error: unknown): string | undefined {
  const code = codeOf(error)
  if (code === undefined || !/^E[A-Z0-9]+$/.test(code)) return undefined
  return DISK[code] ?? `the system of the site refused it (${code}): ask its operator`
}

/** True for what a disk says and no network does. */
export function isOfDisk(error: unknown): boolean {
  return Object.hasOwn(DISK, codeOf(error) ?? '')
}

/** The words for an error on the way to another server. */
export function describeBreak(error: unknown): string {
  const code = codeOf(error) ?? ''
  if (code.startsWith('HPE_')) return 'what answers there does not speak HTTP: check the scheme and the port'
  if (/CERT|ISSUER|SIGNED|SIGNATURE/.test(code) && !NETWORK[code])
    return `the certificate of the server is not trusted here (${code}): its operator must use one that is`
  return NETWORK[code] ?? `the connection broke (${code || 'no reason given'}): submit the task again later`
}

/** The short word itself; undefined for an error that has none. */
export function codeOf(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined
}
