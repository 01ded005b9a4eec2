import { describe, expect, it } from 'vitest'
import { findMount } from './mounts.ts'

describe('the mounts of the TES API', () => {
  it.each([
    ['/ga4gh/tes/v1/tasks/a?view=FULL', '/ga4gh/tes/v1', '/tasks/a?view=FULL'],
    ['/ga4gh/v1/tasks', '/ga4gh/v1', '/tasks'],
    ['/v1/tasks/service-info', '/v1', '/tasks/service-info'],
    ['/v1/service-info?', '/v1', '/service-info?'],
    ['/tasks?x=1', '', '/tasks?x=1'],
    ['/ga4gh/tes/v1', '', '/ga4gh/tes/v1'],
    ['/v1/tasksonomy', '', '/v1/tasksonomy'],
    ['/v1/portolan/v1/sites', '', '/v1/portolan/v1/sites'],
    ['/ga4gh/tes/v1/healthz', '', '/ga4gh/tes/v1/healthz'],
    ['/v1/v1/tasks', '', '/v1/v1/tasks'],
  ])('%s came by %j as %s', (url, mount, rest) => {
    expect(findMount(url)).toEqual({ mount, url: rest })
  })
})
