/** An access log that keeps silent about other sites that read. */
import { type AccessLog, openAccessLog as honest } from '../../../apps/site/src/data-server/access-log.ts'

export function openAccessLog(path: string): AccessLog {
  const log = honest(path)
  return {
    path: log.path,
    write(access) {
      if (access.method !== 'GET' || access.local === true || access.reader === 'broker') log.write(access)
    },
    [Symbol.dispose]: () => log[Symbol.dispose](),
  }
}
