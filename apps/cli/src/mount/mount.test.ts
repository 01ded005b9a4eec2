import { execFileSync } from 'node:child_process'
import type { Location } from '@portolan/broker/portolan-schemas'
import { describe, expect, it } from 'vitest'
import { planMounts } from './plan-mounts.ts'
import { quoteForShell, quoteForUnit } from './quote.ts'
import { showMounts, writeMounts } from './show-mounts.ts'

const STORE: Location = {
  id: 'store',
  country: 'DE',
  kind: 's3',
  endpoint: 'https://s3.example.org',
  region: 'eu-1',
  addressing: 'path',
  prefixes: [
    { url: 's3://results/', sensitivity: 'public', access: 'share', outputs: true },
    { url: 's3://results/secret/', sensitivity: 'controlled', access: 'compute', outputs: true },
  ],
}
const REMOTE = { name: 'portolan-store', endpoint: 'https://s3.example.org', region: 'eu-1', forcePathStyle: true }
const at = (url: string, location: string | undefined = 'store') => ({ url, location })

describe('what is mounted', () => {
  it.each([
    ['the folder of one file', ['s3://results/run/a.txt'], 'run'],
    ['the deepest folder that holds all', ['s3://results/run/a/x', 's3://results/run/a/b/y', 's3://results/run/ab/z'], 'run'],
    ['the same folder once', ['s3://results/run/a', 's3://results/run/b'], 'run'],
    ['the bucket, where nothing less holds all', ['s3://results/a', 's3://results/run/b'], ''],
    ['a folder to the letter', ['s3://results/a%20b c/x'], 'a%20b c'],
  ])('is %s', (_, urls, folder) => {
    expect(
      planMounts(
        urls.map(url => at(url)),
        [STORE],
      ),
    ).toEqual({
      mounts: [{ location: 'store', remote: REMOTE, bucket: 'results', folder }],
      left: [],
    })
  })

  it('is one for each location and bucket', () => {
    const { mounts } = planMounts(
      [at('s3://results/x/1'), at('s3://more/y/2'), at('s3://lab/z/3', 'lab')],
      [STORE, { ...STORE, id: 'lab', addressing: 'virtual' }],
    )
    expect(mounts.map(({ remote, bucket, folder }) => [remote.name, remote.forcePathStyle, bucket, folder])).toEqual([
      ['portolan-store', true, 'results', 'x'],
      ['portolan-store', true, 'more', 'y'],
      ['portolan-lab', false, 'lab', 'z'],
    ])
  })

  it.each<[string, Partial<Location> | undefined, string, string]>([
    ['a location that is not shown', undefined, 's3://results/a', 'the broker does not show how its server is reached'],
    ['a server of another kind', { kind: 'http' }, 's3://results/a', 'it is no S3 server but of kind http'],
    ['what stays', {}, 's3://results/secret/a', 'what lies there is computed with and never handed out'],
    ['an address without a bucket', {}, 'https://results/a', 'an address there names no bucket and key'],
    ['an endpoint with a line of its own', { endpoint: 'https://s3.example.org\ntype = local' }, 's3://results/a', 'settings'],
    ['an endpoint with a credential', { endpoint: 'https://me:word@s3.example.org' }, 's3://results/a', 'settings'],
    ['an endpoint that rclone would fill in', { endpoint: 'https://s3.example.org/%(region)s' }, 's3://results/a', 'settings'],
    ['no endpoint', { endpoint: undefined }, 's3://results/a', 'settings'],
    ['a region with a line of its own', { region: 'eu\nx = y' }, 's3://results/a', 'settings'],
    ['an id with a line of its own', { id: 'store]\n[x' }, 's3://results/a', 'settings'],
  ])('is not %s', (_, change, url, why) => {
    const location = change && { ...STORE, ...change }
    const plan = planMounts([at(url, location?.id ?? 'store')], location ? [location] : [])
    expect(plan).toEqual({ mounts: [], left: [{ location: location?.id ?? 'store', why: expect.stringContaining(why) }] })
  })
})

describe('quotes', () => {
  const odd = `it's "a" $HOME \`id\` $(id) \\ 100 % ; * ä`

  it('keep an argument one argument of a shell', () => {
    expect(execFileSync('sh', ['-c', `printf %s ${quoteForShell(odd)}`], { encoding: 'utf8' })).toBe(odd)
  })

  it('keep an argument one argument of a unit, without specifiers and variables', () => {
    expect(quoteForUnit(odd)).toBe(`"it's \\"a\\" $$HOME \`id\` $$(id) \\\\ 100 %% ; * ä"`)
  })
})

describe('the lines', () => {
  it('say it for rclone, a shell and systemd', () => {
    const { mounts } = planMounts([at("s3://results/it's 100 %/a")], [STORE])
    expect(writeMounts('t1', showMounts('t1', mounts, '/home/ada/t1'))).toBe(`\
# What the task t1 has left, to be read only. No key stands here: rclone takes yours from
# AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or from ~/.aws/credentials.

# 1. For the settings of rclone; rclone config file says where they lie:
[portolan-store]
type = s3
provider = Other
env_auth = true
endpoint = https://s3.example.org
region = eu-1
force_path_style = true
list_version = 2

# 2. To have it now, until Ctrl-C:
mkdir -p '/home/ada/t1' && rclone mount --read-only 'portolan-store:results/it'\\''s 100 %' '/home/ada/t1'

# 3. To have it whenever you are logged in: ~/.config/systemd/user/portolan-t1-store.service, then
# systemctl --user enable --now portolan-t1-store.service
[Unit]
Description=What the task t1 has left at store

[Service]
Type=notify
# AWS_ACCESS_KEY_ID=… and AWS_SECRET_ACCESS_KEY=…, where ~/.aws/credentials has none:
EnvironmentFile=-%h/.config/rclone/portolan-store.env
ExecStartPre=/usr/bin/env "mkdir" "-p" "/home/ada/t1"
ExecStart=/usr/bin/env "rclone" "mount" "--read-only" "portolan-store:results/it's 100 %%" "/home/ada/t1"
Restart=on-failure
RestartSec=10

[Install]
WantedBy=default.target
`)
  })

  it('name each remote once, and give each of several mounts a folder and a unit of its own', () => {
    const { mounts } = planMounts(
      [at('s3://results/x/1'), at('s3://more/y/2'), at('s3://lab/z/3', 'lab')],
      [STORE, { ...STORE, id: 'lab' }],
    )
    const shown = showMounts('t1', mounts, '/t1')
    expect(shown.map(({ folder, unit, url }) => [folder, unit.name, url])).toEqual([
      ['/t1/store/results', 'portolan-t1-store-results.service', 's3://results/x/'],
      ['/t1/store/more', 'portolan-t1-store-more.service', 's3://more/y/'],
      ['/t1/lab', 'portolan-t1-lab.service', 's3://lab/z/'],
    ])
    expect(writeMounts('t1', shown).match(/^\[portolan-.*\]$/gm)).toEqual(['[portolan-store]', '[portolan-lab]'])
  })
})
