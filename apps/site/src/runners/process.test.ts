import { describe, expect, it } from 'vitest'
import { createProcessRunner, refuseRoot } from './process.ts'

describe('plain processes', () => {
  it('are refused to root, unless that is allowed', () => {
    expect(refuseRoot(0, false)).toContain('give it --allow-root')
    expect(refuseRoot(0, true)).toBeUndefined()
    expect(refuseRoot(1000, false)).toBeUndefined()
  })

  it('say that a daemon may escape', () => {
    expect(createProcessRunner({ allowRoot: false }).promise).toContain('runtime: process, images ignored')
    expect(createProcessRunner({ allowRoot: false }).promise).toContain('may escape')
  })
})
