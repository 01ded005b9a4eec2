/**
 * The lies that are planted in the demo's programs: each has a module of its own name here, and the demo must say what is wrong.
 */
export interface Lie {
  readonly name: string
  /** The honest module that it takes the place of. */
  readonly instead: string
  /** What the demo must say, each in a line of its own. */
  readonly shows: readonly RegExp[]
}

export const LIES: readonly Lie[] = [
  {
    name: 'residency-ignored',
    instead: 'packages/federation/src/checks/data.ts',
    shows: [
      /^residency ran at bielefeld; calculated: surf$/,
      /^residency: charite lies in another country and is not barred by RESIDENCY$/,
    ],
  },
  {
    name: 'sensitivity-ignored',
    instead: 'packages/federation/src/checks/data.ts',
    shows: [/^patient: surf has no login and is not barred by SENSITIVITY$/],
  },
  {
    name: 'reach-invented',
    instead: 'packages/federation/src/checks/reach.ts',
    shows: [/^two-sites may run at charite by the demo's sum; the broker bars it by INPUT_UNREACHABLE$/],
  },
  {
    name: 'bytes-ignored',
    instead: 'packages/federation/src/cost.ts',
    shows: [/^two-sites at surf: the broker counts 450489 bytes in 100 ms; the demo 450489 bytes in 1902 ms$/],
  },
  {
    name: 'wishes-ignored',
    instead: 'packages/federation/src/checks/wishes.ts',
    shows: [/^homebound ran at bielefeld; calculated: charite$/, /^named would have gone to bielefeld, it was said; calculated: surf$/],
  },
  {
    name: 'input-cut',
    instead: 'apps/site/src/staging/stage-inputs.ts',
    shows: [/^two-sites: the result is not what the same files give when computed again$/],
  },
  {
    name: 'input-peeked',
    instead: 'apps/site/src/staging/stage-inputs.ts',
    shows: [/^no task explains this access: surf answered 200 and \d+ bytes to GET \/public\/lambda\.fa of nobody known$/],
  },
  {
    name: 'log-silent',
    instead: 'apps/site/src/data-server/access-log.ts',
    shows: [
      /^the input lambda\.fa from surf to bielefeld should have been moved or read and was not$/,
      /^0 bytes of inputs crossed from NL to DE, and 865298 should have$/,
    ],
  },
]
