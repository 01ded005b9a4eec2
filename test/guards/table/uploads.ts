/**
 * Guards of what people put into a project: their own uploads alone, in their own folder, whole, and no more at once than there is room for.
 */
import type { Guard } from '../guard.ts'

const ROUTES = 'apps/broker/src/api/upload-routes.ts'
const REQUESTS = 'apps/broker/src/api/read-upload-request.ts'
const PACE = 'apps/broker/src/api/pace.ts'
const WAYS = ['apps/broker/test/uploads.test.ts']

export const UPLOADS: readonly Guard[] = [
  {
    id: 'uploads-of-their-owner',
    threats: ['T03'],
    file: 'apps/broker/src/stores/sqlite/reads/uploads.ts',
    off: [['row && isOwner(principal, row) ?', 'row && (isOwner(principal, row) || row.id !== undefined) ?']],
    tests: ['apps/broker/src/stores/sqlite-upload-store.test.ts'],
  },
  {
    id: 'uploads-listed-to-their-owner',
    threats: ['T03'],
    file: 'apps/broker/src/stores/sqlite/reads/uploads.ts',
    off: [[".where('subject', '=', param('subject'))", ".where('subject', '>', '')"]],
    tests: ['apps/broker/src/stores/sqlite-upload-store.test.ts'],
  },
  {
    id: 'uploads-by-members',
    threats: ['T03'],
    file: ROUTES,
    off: [['own === undefined || isOver(own, now())', 'own !== undefined && isOver(own, now())']],
    tests: WAYS,
  },
  {
    id: 'uploads-where-their-project-has-them',
    threats: ['T03'],
    file: ROUTES,
    off: [['upload.url.startsWith(own.uploads)', 'upload.url.length > 0']],
    tests: ['apps/broker/test/upload-ends.test.ts'],
  },
  {
    id: 'uploads-stay-in-their-folder',
    threats: ['T03'],
    file: REQUESTS,
    off: [['url === undefined || !isWithin ||', 'url === undefined || (!isWithin && name.length > 1024) ||']],
    tests: WAYS,
  },
  {
    id: 'parts-of-their-size',
    threats: ['T16'],
    file: REQUESTS,
    off: [
      ['Number(length) > bytes', 'Number(length) > bytes + 2 ** 40'],
      ['length !== String(bytes)', 'length === undefined'],
    ],
    tests: WAYS,
  },
  {
    id: 'links-to-parts-of-their-size',
    threats: ['T16'],
    file: 'apps/broker/src/data/s3-uploads.ts',
    off: [['PartNumber: part, ContentLength: bytes }), lifeMs', 'PartNumber: part }), lifeMs']],
    tests: WAYS,
  },
  {
    id: 'parts-in-time',
    threats: ['T16'],
    file: PACE,
    off: [['setTimeout(giveUp, leftMs)', 'setTimeout(giveUp, leftMs + 3_600_000)']],
    tests: WAYS,
  },
  {
    id: 'parts-at-a-pace',
    threats: ['T16'],
    file: PACE,
    off: [['if (passed < enough) return', 'if (passed < 0) return']],
    tests: WAYS,
  },
  {
    id: 'relays-judged-again',
    threats: ['T02'],
    file: 'apps/broker/src/api/watch-rights.ts',
    off: [['if (!(await mayStill()', 'if (response.closed && !(await mayStill()']],
    tests: [...WAYS, 'apps/broker/test/outputs.test.ts'],
  },
  {
    id: 'uploads-bounded',
    threats: ['T16'],
    file: 'apps/broker/src/stores/sqlite/commands/uploads.ts',
    off: [['?.count ?? 0) >= most', '?.count ?? 0) >= most + 1_000']],
    tests: ['apps/broker/src/stores/sqlite-upload-store.test.ts'],
  },
]
