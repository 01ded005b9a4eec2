import { resolve } from 'node:path'
import { expect, it } from 'vitest'
import { parseFlags } from './flags.ts'

it('reads every flag', () => {
  const flags =
    '--id berlin --name Charité --country DE --host ::1 --port 8081 --public-url https://x.example --work w --data d --runner bwrap --token-ref env:TOKEN --allow-root --network --rootfs demo:1=/roots/demo --reader munich=env:MUNICH --public /open/ --fetch https://a.example --fetch http://127.0.0.1:9=env:MUNICH --file-root files --slots 3 --hold-create-ms 0-500'
  expect(parseFlags(flags.split(' '), { TOKEN: 't', MUNICH: 'm' })).toEqual({
    id: 'berlin',
    name: 'Charité',
    country: 'DE',
    host: '::1',
    port: 8081,
    publicUrl: 'https://x.example',
    work: resolve('w'),
    data: resolve('d'),
    runner: 'bubblewrap',
    token: 't',
    allowRoot: true,
    network: true,
    rootfs: { 'demo:1': '/roots/demo' },
    readers: { munich: 'm' },
    publicPrefixes: ['/open/'],
    fetch: { 'https://a.example': undefined, 'http://127.0.0.1:9': 'm' },
    fileRoots: [resolve('files')],
    slots: 3,
    holdCreateMs: [0, 500],
  })
})

it('has a default for everything but the id and the token', () => {
  expect(parseFlags(['--id', 'x', '--open'], {})).toMatchObject({
    runner: 'auto',
    token: undefined,
    work: resolve('data/site-x'),
    port: undefined,
  })
})

it('reports all mistakes together, each with its flag', () => {
  const flags =
    '--port 70000 --runner vm --public-url x.example --token-ref secret --open --reader munich --fetch ftp://x --public open --slots 0 --hold-create-ms 5-1'
  expect(() => parseFlags(flags.split(' '), {})).toThrow(
    [
      '--id: every site needs one, as --id berlin',
      '--token-ref or --open: give one of the two',
      '--port: "70000" is not a whole number from 0 to 65535',
      '--public-url: "x.example" is not a base URL like https://tes.example.org/site',
      '--runner: "vm" is not one of auto, podman, docker, bwrap, process',
      '--token-ref: a secret is given as env:NAME or file:PATH, never itself',
      '--reader: "munich" is not NAME=VALUE',
      '--public: "open" must begin and end with "/": it is a directory below --data',
      '--fetch: "ftp://x" is not an origin like https://data.example.org',
      '--slots: "0" is not a whole number from 1 to 10000',
      '--hold-create-ms: "5-1" is not MIN-MAX in milliseconds',
    ].join('\n'),
  )
})

it('never takes an empty or missing secret', () => {
  expect(() => parseFlags(['--id', 'x', '--token-ref', 'env:NONE'], {})).toThrow('--token-ref: env:NONE is empty or not there')
  expect(() => parseFlags(['--id', 'x', '--token-ref', 'file:/no/such/file'], {})).toThrow('is empty or not there')
})

it('knows no other flags', () => {
  expect(() => parseFlags(['--id', 'x', '--open', '--forward'], {})).toThrow("Unknown option '--forward'")
})
