import { describe, expect, it } from 'vitest'
import { expandOutputs, type ListedObject, type ListedOutput, whatToList } from './expand-outputs.ts'
import type { LocationId, WorkId } from './ids.ts'
import { MOST_OUTPUTS } from './keep-outputs.ts'
import type { OutputExpectation } from './task-outputs.ts'

const SENT = 1_800_000_000_000
const STORE = 's3' as LocationId

type Declared = OutputExpectation['declared'][number]

function expecting(declared: Declared | readonly Declared[], changes: Partial<OutputExpectation> = {}): OutputExpectation {
  return { declared: [declared].flat() as readonly Declared[] as Declared[], reported: [], complete: true, since: SENT, ...changes }
}

function object(url: string, changes: Partial<ListedObject> = {}): ListedObject {
  return { url, bytes: 7, modifiedAt: SENT + 1000, ...changes }
}

function shown(...objects: readonly (string | ListedObject)[]): ListedOutput {
  return { outcome: 'listed', location: STORE, cut: false, objects: objects.map(one => (typeof one === 'string' ? object(one) : one)) }
}

/** What is kept, as `path < url`, and the warnings. */
function keep(expected: OutputExpectation, ...listed: readonly ListedOutput[]): readonly [readonly string[], readonly string[]] {
  const { outputs, warnings } = expandOutputs(expected, listed)
  return [outputs.map(({ path, url }) => `${path} < ${url}`), warnings]
}

const FILE: Declared = { url: 's3://b/r/a.txt', path: '/out/a.txt' }
const FOLDER: Declared = { url: 's3://b/r', path: '/out', type: 'DIRECTORY' }
const PATTERN: Declared = { url: 's3://b/r', path: '/out/*.txt', path_prefix: '/out' }

const KEPT_FIRST = `of one task ${MOST_OUTPUTS} are kept, first those that were declared one by one.`

function filesBelow(folder: string, count: number): readonly string[] {
  return Array.from({ length: count }, (_, i) => `${folder}/${String(i).padStart(6, '0')}`)
}

type Row = readonly [
  sentence: string,
  expected: OutputExpectation,
  listed: ListedOutput,
  kept: readonly string[],
  warning?: string | undefined,
]

const rows: readonly Row[] = [
  ['a file is what lies at its URL', expecting(FILE), shown('s3://b/r/a.txt'), ['/out/a.txt < s3://b/r/a.txt']],
  [
    'a file that turns out to be a directory is its files',
    expecting(FILE),
    shown('s3://b/r/a.txt/x', 's3://b/r/a.txt/y/z'),
    ['/out/a.txt/x < s3://b/r/a.txt/x', '/out/a.txt/y/z < s3://b/r/a.txt/y/z'],
  ],
  [
    'a directory is its files, by URL',
    expecting(FOLDER),
    shown('s3://b/r/b', 's3://b/r/a/c'),
    ['/out/a/c < s3://b/r/a/c', '/out/b < s3://b/r/b'],
  ],
  [
    'a slash at the end of URL and path changes nothing',
    expecting({ url: 's3://b/r/', path: '/out/' }),
    shown('s3://b/r/a'),
    ['/out/a < s3://b/r/a'],
  ],
  ['the mark of an empty directory is no file', expecting(FOLDER), shown('s3://b/r/', 's3://b/r/a'), ['/out/a < s3://b/r/a']],
  [
    'letters that a URL escapes are plain in the path',
    expecting({ url: 'https://h/r', path: '/out', type: 'DIRECTORY' }),
    shown('https://h/r/a%20%C3%A9%23.txt'),
    ['/out/a é#.txt < https://h/r/a%20%C3%A9%23.txt'],
  ],
  [
    'a key is what stands there',
    expecting(FOLDER),
    shown('s3://b/r/a%20b', 's3://b/r/c é'),
    ['/out/a%20b < s3://b/r/a%20b', '/out/c é < s3://b/r/c é'],
  ],
  [
    'a name that is no text is left out',
    expecting({ url: 'https://h/r', path: '/out', type: 'DIRECTORY' }),
    shown('https://h/r/%FF', 'https://h/r/a'),
    ['/out/a < https://h/r/a'],
  ],
  ['a name that climbs out is left out', expecting(FOLDER), shown('s3://b/r/../other', 's3://b/r/a'), ['/out/a < s3://b/r/a']],
  [
    'what another task has beside it is not taken',
    expecting(FOLDER),
    shown('s3://b/r2/a', 's3://other/r/a', 's3://b/r/a'),
    ['/out/a < s3://b/r/a'],
  ],
  ['a pattern takes what it means', expecting(PATTERN), shown('s3://b/r/a.txt', 's3://b/r/b.bam'), ['/out/a.txt < s3://b/r/a.txt']],
  [
    'a pattern takes a directory that it means whole',
    expecting({ ...PATTERN, path: '/out/run-*' }),
    shown('s3://b/r/run-1/log/x', 's3://b/r/other/x'),
    ['/out/run-1/log/x < s3://b/r/run-1/log/x'],
  ],
  [
    'a prefix that ends within a name is cut off as text',
    expecting({ url: 's3://b/r', path: '/out/run-*', path_prefix: '/out/run-' }),
    shown('s3://b/r/7'),
    ['/out/run-7 < s3://b/r/7'],
  ],
  [
    'a site that cuts nothing off is understood',
    expecting({ url: 's3://b/r', path: '/out/run-*', path_prefix: '/out/run-' }),
    shown('s3://b/r/out/run-7'),
    ['/out/run-7 < s3://b/r/out/run-7'],
  ],
  [
    'what was there before the task is not its output',
    expecting(FILE),
    shown(object('s3://b/r/a.txt', { modifiedAt: SENT - 300_001 })),
    [],
    'Output /out/a.txt: one file at s3://b/r/a.txt is older than this task, and so left out.',
  ],
  [
    'a store whose clock is some minutes behind is believed',
    expecting(FILE),
    shown(object('s3://b/r/a.txt', { modifiedAt: SENT - 299_999 })),
    ['/out/a.txt < s3://b/r/a.txt'],
  ],
  [
    'what has no time is left out, for it may be anybody’s',
    expecting(FILE),
    shown(object('s3://b/r/a.txt', { modifiedAt: undefined })),
    [],
    'Output /out/a.txt: the store does not say when one file at s3://b/r/a.txt came to be, and so it is left out.',
  ],
  ['a missing output of a complete task is named', expecting(FILE), shown(), [], 'Output /out/a.txt: there is nothing at s3://b/r/a.txt.'],
  ['a failed task need not have written anything', expecting(FILE, { complete: false }), shown(), []],
  [
    'what could not be measured is left out and named',
    expecting(FILE),
    { outcome: 'unmeasured', why: 'not in time' },
    [],
    'Output /out/a.txt: what lies at s3://b/r/a.txt could not be measured (not in time), so it is left out.',
  ],
  [
    'a warning does not repeat a query, which may open something',
    expecting({ url: 'https://h/a?sig=secret', path: '/out/a' }),
    { outcome: 'unmeasured', why: 'not in time' },
    [],
    'Output /out/a: what lies at https://h/a could not be measured (not in time), so it is left out.',
  ],
  [
    'of too many files the first are shown',
    expecting(FOLDER),
    { ...shown('s3://b/r/a'), cut: true } as ListedOutput,
    ['/out/a < s3://b/r/a'],
    'Output /out: only the first files at s3://b/r are shown, for there are too many.',
  ],
  [
    'where nobody is asked the site’s word counts below what was declared, and nowhere else',
    expecting(FOLDER, {
      reported: [
        { url: 's3://b/r/a', path: '/wrong', sizeBytes: '5' },
        { url: 's3://secret/r/a', path: '/out/a', sizeBytes: '5' },
        { url: 's3://b/r/../x', path: '/out/x', sizeBytes: '5' },
      ],
    }),
    { outcome: 'undeclared' },
    ['/out/a < s3://b/r/a'],
  ],
  [
    'where nobody says anything a declared file is named without a size',
    expecting(FILE),
    { outcome: 'undeclared' },
    ['/out/a.txt < s3://b/r/a.txt'],
  ],
  ['where nobody says anything of a directory nothing is known', expecting(FOLDER), { outcome: 'undeclared' }, []],
  [
    'where the store is asked the site’s word counts for nothing',
    expecting(FOLDER, { reported: [{ url: 's3://b/r/invented', path: '/out/invented', sizeBytes: '5' }] }),
    shown('s3://b/r/a'),
    ['/out/a < s3://b/r/a'],
  ],
]

const OWN = '01JD0000000000000000000000' as WorkId
const OTHER = '01JD0000000000000000000001'
const NAMED = { results: { below: ['s3://b/lab/', 'https://s3.h/b/lab/'], own: OWN } }

const folders: readonly Row[] = [
  [
    'what lies in the folder of another task is not of this one, though a wider directory holds it',
    expecting({ url: 's3://b/lab/', path: '/out', type: 'DIRECTORY' }, NAMED),
    shown(`s3://b/lab/${OTHER}/x`, `s3://b/lab/${OWN}/x`, 's3://b/lab/run/x'),
    [`/out/${OWN}/x < s3://b/lab/${OWN}/x`, '/out/run/x < s3://b/lab/run/x'],
  ],
  [
    'it is not under any of its names, nor for a pattern',
    expecting({ url: 'https://s3.h/b', path: '/out/**', path_prefix: '/out' }, NAMED),
    shown(`https://s3.h/b/lab/${OTHER}/x`, 'https://s3.h/b/lab/x'),
    ['/out/lab/x < https://s3.h/b/lab/x'],
  ],
  [
    'who names the folder of another task means it',
    expecting({ url: `s3://b/lab/${OTHER}/report`, path: '/report' }, NAMED),
    shown(`s3://b/lab/${OTHER}/report`),
    [`/report < s3://b/lab/${OTHER}/report`],
  ],
  [
    'a folder like it is no such folder elsewhere',
    expecting(FOLDER, NAMED),
    shown(`s3://b/r/${OTHER}/x`),
    [`/out/${OTHER}/x < s3://b/r/${OTHER}/x`],
  ],
]

const uncertain: readonly Row[] = [
  [
    'where the store refuses the broker the site’s word counts, and is told as such',
    expecting(FILE, { reported: [{ url: FILE.url, path: '/wrong', sizeBytes: '5' }] }),
    { outcome: 'refused' },
    ['/out/a.txt < s3://b/r/a.txt'],
    'Output /out/a.txt: the store does not let the broker look at s3://b/r/a.txt: what the site says of it is kept unchecked, and this broker hands out nothing of it.',
  ],
  [
    'what is known of a directory counts, and what is not is counted',
    expecting(FOLDER),
    { ...shown('s3://b/r/a'), missed: { files: 2, why: 'not in time' } } as ListedOutput,
    ['/out/a < s3://b/r/a'],
    'Output /out: 2 files at s3://b/r could not be measured (not in time), and so left out.',
  ],
]

describe('T03 what counts as an output', () => {
  it.each(
    [...rows, ...folders, ...uncertain].map(([sentence, expected, listed, kept, warning]) => ({
      sentence,
      expected,
      listed,
      kept,
      warning,
    })),
  )('$sentence', ({ expected, listed, kept, warning }) => {
    expect(keep(expected, listed)).toEqual([kept, warning === undefined ? [] : [warning]])
  })

  it('keeps what the store says of each file', () => {
    const facts = { etag: '"1"', digests: [{ type: 'md5', checksum: 'aa' }], modifiedAt: SENT }
    expect(expandOutputs(expecting(FILE), [shown(object(FILE.url, facts))]).outputs).toEqual([
      { url: FILE.url, path: FILE.path, bytes: 7, location: STORE, ...facts },
    ])
  })

  it.each([
    [FOLDER, 's3://b/r/b?X-Amz-Signature=0123456789abcdef'],
    [
      { url: 'https://web.example.org/out', path: '/web', type: 'DIRECTORY' },
      'https://web.example.org/out/c?X-Amz-Signature=0123456789abcdef',
    ],
    [{ url: 'https://web.example.org/out', path: '/web', type: 'DIRECTORY' }, 'https://user:0123456789abcdef@web.example.org/out/d'],
    [{ url: 'https://web.example.org/out/*', path: '/web/*', path_prefix: '/web' }, 'https://web.example.org/out/e#0123456789abcdef'],
  ] as const)('of %j takes and shows no signed address that a site reports', (declared, url) => {
    const expected = expecting(declared, { reported: [{ url, path: declared.path, sizeBytes: '5' }] })
    expect(keep(expected, { outcome: 'undeclared' })).toEqual([[], []])
  })

  it('names a declared file by its own address, however a site signs it', () => {
    const expected = expecting(FILE, {
      reported: [{ url: `${FILE.url}?X-Amz-Signature=0123456789abcdef`, path: FILE.path, sizeBytes: '5' }],
    })
    expect(keep(expected, { outcome: 'undeclared' })).toEqual([[`${FILE.path} < ${FILE.url}`], []])
  })

  it('keeps sizes that a site reports only where they are whole numbers', () => {
    const reported = ['12', '-1', '1e3', '99999999999999999'].map(sizeBytes => ({ ...FILE, sizeBytes }))
    const sizes = reported.map(one => expandOutputs(expecting(FILE, { reported: [one] }), [{ outcome: 'undeclared' }]).outputs[0]?.bytes)
    expect(sizes).toEqual([12, undefined, undefined, undefined])
  })

  it('tells each object once, for the first output that means it', () => {
    const inner: Declared = { url: 's3://b/r/a.txt', path: '/again' }
    expect(keep(expecting([FOLDER, inner]), shown('s3://b/r/a.txt'), shown('s3://b/r/a.txt'))[0]).toEqual(['/out/a.txt < s3://b/r/a.txt'])
  })

  it('keeps so many files of one task, and names those outputs of which it leaves some out', () => {
    const folders = Array.from({ length: 8 }, (_, i): Declared => ({ url: `s3://b/${i}`, path: `/out/${i}`, type: 'DIRECTORY' }))
    const listed = folders.map(({ url }, i) => shown(...filesBelow(url, i === 0 ? MOST_OUTPUTS + 3 : i)))
    const { outputs, warnings } = expandOutputs(expecting(folders), listed)
    expect([outputs.length, warnings]).toEqual([
      MOST_OUTPUTS,
      [`31 more outputs are left out (3 of /out/0, 1 of /out/1, 2 of /out/2, 3 of /out/3, 4 of /out/4, the rest of 3 more): ${KEPT_FIRST}`],
    ])
  })

  it('keeps what was declared one by one, whatever a directory or a pattern before it holds', () => {
    const declared = [
      FOLDER,
      { ...PATTERN, url: 's3://b/p' },
      { url: 's3://b/long', path: '/long' },
      { url: 's3://b/r/000007', path: '/7' },
    ]
    const { outputs, warnings } = expandOutputs(expecting(declared), [
      shown(...filesBelow('s3://b/r', MOST_OUTPUTS)),
      shown('s3://b/p/x.txt'),
      shown('s3://b/long'),
      shown('s3://b/r/000007'),
    ])
    expect([outputs.length, outputs.at(-1)?.path, warnings]).toEqual([
      MOST_OUTPUTS,
      '/long',
      [`2 more outputs are left out (1 of /out, 1 of /out/*.txt): ${KEPT_FIRST}`],
    ])
  })

  it('counts the files of what was declared as one file, and is a directory, among those of directories', () => {
    const declared = [FILE, FOLDER, { url: 's3://b/long', path: '/long' }]
    const listed = [shown(...filesBelow(FILE.url, MOST_OUTPUTS)), shown('s3://b/r/z'), shown('s3://b/long')]
    const { outputs, warnings } = expandOutputs(expecting(declared), listed)
    expect([outputs.at(-1)?.path, warnings]).toEqual(['/long', [`2 more outputs are left out (1 of /out/a.txt, 1 of /out): ${KEPT_FIRST}`]])
  })

  it('keeps what the site says of a declared file, however much it says of a directory', () => {
    const reported = [...filesBelow(FOLDER.url, MOST_OUTPUTS), 's3://b/z'].map(url => ({ url, path: '/out/x', sizeBytes: '1' }))
    const declared = [FOLDER, { url: 's3://b/z', path: '/z' }]
    const { outputs } = expandOutputs(expecting(declared, { reported }), [{ outcome: 'undeclared' }, { outcome: 'undeclared' }])
    expect([outputs.length, outputs.at(-1)?.path]).toEqual([MOST_OUTPUTS, '/z'])
  })

  it('says what is left out before all else that there is to say', () => {
    const declared = [FOLDER, ...Array.from({ length: 60 }, (_, i): Declared => ({ url: `s3://b/no/${i}`, path: `/no/${i}` }))]
    const { warnings } = expandOutputs(
      expecting(declared),
      declared.map((_, at) => shown(...(at === 0 ? filesBelow(FOLDER.url, MOST_OUTPUTS + 1) : []))),
    )
    expect(warnings[0]).toBe(`One more output is left out (1 of /out): ${KEPT_FIRST}`)
  })

  it('holds a file against the output that it was declared as, however many outputs mean one directory', () => {
    const one = shown(...filesBelow(FOLDER.url, 10_000))
    const declared = [
      ...Array.from({ length: 30 }, (_, i): Declared => ({ ...FOLDER, path: `/out/${i}` })),
      { url: 's3://b/z', path: '/z' },
    ]
    const { outputs } = expandOutputs(
      expecting(declared),
      declared.map(({ path }) => (path === '/z' ? shown('s3://b/z') : one)),
    )
    expect([outputs.length, outputs.at(-1)?.path]).toEqual([10_001, '/z'])
  })

  it('holds so many files against outputs that mean one directory, and no more', () => {
    const one = shown(...Array.from({ length: 10_000 }, (_, i) => `s3://b/r/${i}`))
    const declared = Array.from({ length: 1_000 }, (_, i): Declared => ({ ...FOLDER, path: `/out/${i}` }))
    const { outputs, warnings } = expandOutputs(
      expecting(declared),
      declared.map(() => one),
    )
    expect([outputs.length, warnings.length]).toEqual([10_000, 51])
  })

  it('compares so many declared outputs with so many reported ones, and no more', () => {
    const declared = Array.from({ length: 20_000 }, (_, i): Declared => ({ ...FOLDER, path: `/out/${i}` }))
    const reported = declared.map((_, i) => ({ url: `s3://b/r/${i}`, path: '/out', sizeBytes: '1' }))
    const { outputs } = expandOutputs(
      expecting(declared, { reported }),
      declared.map(() => ({ outcome: 'undeclared' }) as const),
    )
    expect(outputs).toHaveLength(20_000)
  })

  it('says so much of what is missing, and how much more', () => {
    const declared = Array.from({ length: 60 }, (_, i): Declared => ({ url: `s3://b/r/${i}`, path: `/out/${i}` }))
    const { warnings } = expandOutputs(
      expecting(declared),
      declared.map(() => shown()),
    )
    expect([warnings.length, warnings.at(-1)]).toEqual([51, '10 more lines about outputs are left out.'])
  })
})

describe('whatToList', () => {
  const asked: readonly (readonly [sentence: string, declared: Declared, lookup: object])[] = [
    ['a file is asked for itself, and then as a directory', FILE, { object: 's3://b/r/a.txt', below: 's3://b/r/a.txt/' }],
    ['a directory is listed', FOLDER, { below: 's3://b/r/' }],
    ['what ends in a slash is listed', { url: 's3://b/r/', path: '/out' }, { below: 's3://b/r/' }],
    ['a pattern is listed from where it begins', { ...PATTERN, path: '/out/x y/z/*.txt' }, { below: 's3://b/r/x y/z/' }],
    [
      'a pattern is listed so at a data server too',
      { url: 'https://h/r', path: '/out/x y/*.txt', path_prefix: '/out' },
      { below: 'https://h/r/x%20y/' },
    ],
    [
      'a pattern whose prefix ends within a name is listed from the top',
      { ...PATTERN, path: '/out/run-*/a', path_prefix: '/out/run-' },
      { below: 's3://b/r/' },
    ],
    ['an address with a query is one object', { url: 'https://h/a?x', path: '/out/a' }, { object: 'https://h/a?x' }],
    ['a directory with a query cannot be listed', { url: 'https://h/a?x', path: '/out', type: 'DIRECTORY' }, {}],
  ]
  it.each(asked)('%s', (_, declared, lookup) => {
    expect(whatToList(declared)).toEqual(lookup)
  })
})
