import { describe, expect, it } from 'vitest'
import { describeBreak, describeRefusal, isOfDisk } from './system-words.ts'

const error = (code: string) => Object.assign(new Error('open /host/path'), { code })

describe('an error of the system', () => {
  const refusals: [code: string, words: RegExp | undefined][] = [
    ['ENAMETOOLONG', /longer than this machine takes.*: use a shorter one/],
    ['EEXIST', /a file lies where its path needs a directory: use/],
    ['ENOSPC', /the disk of the site is full: ask its operator/],
    ['EXDEV', /refused it \(EXDEV\): ask its operator/],
    ['ERR_INVALID_ARG_TYPE', undefined],
  ]
  for (const [code, words] of refusals)
    it(`${code} of the disk is ${words ? 'a sentence with its fix' : 'not the system’s'}`, () => {
      const said = describeRefusal(error(code))
      if (words) expect(said).toMatch(words)
      else expect(said).toBeUndefined()
      expect(said ?? '').not.toContain('/host')
    })

  const breaks: [code: string, words: RegExp][] = [
    ['ECONNREFUSED', /no server listens there: check host and port/],
    ['HPE_INVALID_CONSTANT', /does not speak HTTP: check the scheme/],
    ['DEPTH_ZERO_SELF_SIGNED_CERT', /is not trusted here \(DEPTH_ZERO_SELF_SIGNED_CERT\): its operator/],
    ['CERT_HAS_EXPIRED', /is over: its operator must renew it/],
    ['EOTHER', /the connection broke \(EOTHER\): submit the task again/],
  ]
  for (const [code, words] of breaks)
    it(`${code} on the way is a sentence with its fix`, () => expect(describeBreak(error(code))).toMatch(words))

  it('is of the disk or of the way to a server', () => {
    expect([isOfDisk(error('ENOSPC')), isOfDisk(error('ECONNRESET')), isOfDisk(undefined)]).toEqual([true, false, false])
  })
})
