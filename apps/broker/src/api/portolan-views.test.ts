import type { SiteTaskId } from '@portolan/federation'
import { describe, expect, it } from 'vitest'
import { newAttempt, workId } from '../stores/contract/builders.ts'
import { showAttempts } from './portolan-views.ts'

describe('the attempts of a task', () => {
  const accepted = { ...newAttempt(workId(1)), siteTaskId: 'at-the-site' as SiteTaskId }

  it('name the id that the site gave to those alone who could end the task there', () => {
    expect(showAttempts([accepted], true).attempts).toMatchObject([{ site_task_id: 'at-the-site' }])
    expect(JSON.stringify(showAttempts([accepted], false))).not.toContain('at-the-site')
  })
})
