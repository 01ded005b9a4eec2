import { resolve } from 'node:path'
import { expect, it } from 'vitest'
import { makeSecret } from '../../../test/leaks/secrets.ts'
import { parseFlags } from './flags.ts'

const TOKEN = makeSecret('token')
const READER = makeSecret('reader')
const [ACCESS, SECRET] = [makeSecret('access'), makeSecret('secret')]

it('reads every flag', () => {
  const flags =
    '--id berlin --name Charité --country DE --host ::1 --port 8081 --public-url https://x.example --work w --data apps --runner bwrap --token-ref env:TOKEN --allow-root --network --rootfs demo:1=/usr --reader munich=env:MUNICH --public /open/ --fetch https://a.example --fetch http://127.0.0.1:9=env:MUNICH --s3 https://s3.example:9000/=env:S3 --bucket genomes=https://s3.example:9000 --s3-region eu-central-1 --file-root packages --slots 3 --hold-create-ms 0-500'
  expect(parseFlags(flags.split(' '), { TOKEN: TOKEN, MUNICH: READER, S3: `${ACCESS}:${SECRET}` })).toEqual({
    id: 'berlin',
    name: 'Charité',
    country: 'DE',
    host: '::1',
    port: 8081,
    publicUrl: 'https://x.example',
    work: resolve('w'),
    data: resolve('apps'),
    runner: 'bubblewrap',
    token: TOKEN,
    allowRoot: true,
    network: true,
    rootfs: { 'demo:1': '/usr' },
    readers: { munich: READER },
    publicPrefixes: ['/open/'],
    fetch: { 'https://a.example': undefined, 'http://127.0.0.1:9': READER },
    s3: { 'https://s3.example:9000': { accessKey: ACCESS, secretKey: SECRET } },
    buckets: { genomes: 'https://s3.example:9000' },
    s3Region: 'eu-central-1',
    fileRoots: [resolve('packages')],
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

it('names every word that is no flag of it, and every flag that lacks its value', () => {
  const flags = '--id --open=yes --forward --token-ref env:T word --slots 0'
  expect(() => parseFlags(flags.split(' '), { T: TOKEN })).toThrow(
    [
      '--id: it needs a value; write --id=VALUE for one that begins with "-"',
      '--forward: there is no such flag; --help shows all of them',
      '"word" belongs to no flag: leave it out, or put it in quotes with the words before it',
      '--id: every site needs one, as --id berlin',
      '--slots: "0" is not a whole number from 1 to 10000',
    ].join('\n'),
  )
})

it('names every folder that is not there, before anything starts', () => {
  const flags = '--id x --open --host 0.0.0.0 --data /no/data --file-root /no/a --file-root /etc/hostname --rootfs a=/no/root --slots 0'
  expect(() => parseFlags(flags.split(' '), {})).toThrow(
    [
      '--slots: "0" is not a whole number from 1 to 10000',
      '--open is for loopback only, and 0.0.0.0 is not: give --token-ref, or leave out --host',
      '--data: the folder /no/data is not there, or not open to the user of the site: make it, or correct the path',
      '--file-root: the folder /no/a is not there, or not open to the user of the site: make it, or correct the path',
      '--file-root: /etc/hostname is no folder: name one',
      '--rootfs: the folder /no/root is not there, or not open to the user of the site: make it, or correct the path',
    ].join('\n'),
  )
  expect(() => parseFlags(['--id', 'x', '--open', '--public', '/open/'], {})).toThrow(
    '--public: it is a part of the data folder, so give --data, too',
  )
})

it('names what is missing of an S3 server, and never its key', () => {
  const flags =
    '--id x --open --s3 https://a.example --s3 https://b.example=env:NO_COLON --s3 https://c.example=env:KEY --bucket A_/=https://c.example --bucket genomes=c.example --s3-region EU'
  const refused = () => parseFlags(flags.split(' '), { KEY: `${ACCESS}:${SECRET}`, NO_COLON: SECRET })
  expect(refused).toThrow(
    [
      '--s3: https://a.example needs a key, as https://a.example=env:NAME with ACCESS_KEY:SECRET_KEY in it',
      '--s3: https://b.example needs a key, as https://b.example=env:NAME with ACCESS_KEY:SECRET_KEY in it',
      '--bucket: "A_/" is not the name of a bucket',
      '--bucket: "c.example" is not an origin like https://data.example.org',
      '--s3-region: "EU" is not a region like eu-central-1',
      '--s3 https://c.example: no bucket lies there: add --bucket NAME=https://c.example',
    ].join('\n'),
  )
  expect(() => parseFlags(['--id', 'x', '--open', '--bucket', 'genomes=https://c.example', '--s3-region', 'eu'], {})).toThrow(
    [
      '--bucket genomes: no key for https://c.example is given: add --s3 https://c.example=env:NAME',
      '--s3-region: it is for the servers of --s3, so give one, too',
    ].join('\n'),
  )
  const twice = '--id x --open --s3 https://c.example=env:KEY --bucket genomes=https://c.example --fetch https://c.example=env:TOKEN'
  expect(() => parseFlags(twice.split(' '), { KEY: `${ACCESS}:${SECRET}`, TOKEN })).toThrow(
    '--fetch https://c.example: it is an S3 server by --s3, which takes no token: leave one of them out',
  )
})
