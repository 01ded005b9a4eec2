import { createFakeSite } from '@portolan/tes/testing'
import { describe, expect, it } from 'vitest'
import { jsonLines, portolan, runHere } from './portolan.ts'
import { makeFolder } from './temporary.ts'

describe('a wrong command', () => {
  it.each([
    ['an unknown command', ['lst'], "unknown command 'lst' (Did you mean list?)"],
    ['an unknown option', ['list', '--limt', '3'], "unknown option '--limt' (Did you mean --limit?)"],
    ['no task', ['submit'], "missing required argument 'file'"],
    ['a state that TES does not have', ['list', '--state', 'DONE'], "option '--state <state>' argument 'DONE' is invalid"],
    ['a limit of nothing', ['list', '--limit', '0'], 'Give a whole number from 1 on.'],
    ['a limit and none', ['list', '--limit', '3', '--all'], "option '--limit <number>' cannot be used with option '--all'"],
    ['an address that is none', ['list', '--url', 'tes.example'], '--url is no http or https address'],
    ['a password in the address', ['list', '--url', 'http://ann:secret-word@tes.example/'], '--url holds a user name, a password'],
    ['a tag without a name', ['submit', '-', '--tag', '=x'], 'Write KEY=VALUE.'],
    ['a timeout that is no number', ['list', '--timeout', 'soon'], 'Give a number above 0'],
    ['a scope that there is not', ['token', 'create', 'x', '--scope', 'all'], "option '--scope <scope...>' argument 'all' is invalid"],
    ['half a day', ['token', 'create', 'x', '--days', '0.5'], 'Give a whole number from 1 on.'],
    ['no login to end', ['logins', 'end'], 'No login is named'],
    ['all logins, and one', ['logins', 'end', 'x', '--all'], '--all is given, and ids too'],
    ['an empty id', ['get', ''], 'cannot be part of an address'],
    ['standard input twice', ['submit', '-', '-'], 'Standard input is named twice'],
    ['a file that is not there', ['submit', 'nowhere.json'], 'nowhere.json cannot be read (ENOENT)'],
    ['an empty file', ['submit', 'empty.yaml'], 'empty.yaml is empty'],
    ['broken JSON', ['submit', 'broken.json'], 'broken.json is not JSON: '],
    ['broken YAML', ['submit', 'broken.yaml'], 'broken.yaml is not JSON or YAML: '],
    ['YAML that grows without end', ['submit', 'bomb.yaml'], 'bomb.yaml is not JSON or YAML: '],
    ['a file with a text', ['submit', 'text.yaml'], 'text.yaml is not a good task; nothing was sent'],
    ['two tasks to explain', ['explain', 'two.yaml'], 'two.yaml holds 2 tasks'],
    ['one key for two tasks', ['submit', 'two.yaml', '--idempotency-key', 'k'], '--idempotency-key is given for several tasks'],
  ])('%s: 2, one line that says what, one that says what to do', async (_sentence, args, words) => {
    await using site = await createFakeSite()
    const bomb = [
      'a: &a [x,x,x,x,x,x,x,x,x]',
      ...'bcdefghi'.split('').map((key, index) => `${key}: &${key} [${Array(9).fill(`*${'abcdefgh'[index]}`).join(',')}]`),
    ]
    const task = '{executors: [{image: alpine, command: ["true"]}]}'
    await using folder = await makeFolder({
      'empty.yaml': '\n',
      'broken.json': '{"a":',
      'broken.yaml': 'a: [',
      'bomb.yaml': bomb.join('\n'),
      'text.yaml': 'hello',
      'two.yaml': `- ${task}\n- ${task}\n`,
    })
    const { code, stdout, stderr } = await runHere(args, { cwd: folder.path, env: { PORTOLAN_URL: site.url } })
    expect([code, stdout]).toEqual([2, ''])
    const lines = stderr
      .trimEnd()
      .split('\n')
      .filter(line => !line.startsWith('  '))
    expect(lines).toHaveLength(2)
    expect(lines[0]).toMatch(/^portolan: /)
    expect(lines[0]).toContain(words)
    expect(stderr).not.toContain('secret-word')
    expect(site.tasks.size).toBe(0)
  })

  it('is JSON with --json', async () => {
    const { code, stdout, stderr } = await portolan(['list', '--limit', 'x', '--json'])
    expect([code, stdout, jsonLines(stderr)]).toEqual([2, '', [{ error: expect.objectContaining({ exitCode: 2, problems: [] }) }]])
  })

  it('without any command shows the help', async () => {
    const { code, stdout, stderr } = await portolan([])
    expect([code, stdout, stderr]).toEqual([2, '', expect.stringMatching(/^Usage: portolan /)])
  })
})

describe('help', () => {
  it.each([[['--help']], [['help', 'submit']], [['list', '--help']], [['--version']]])('%s ends well, on standard output', async args => {
    const { code, stdout, stderr } = await portolan(args)
    expect([code, stderr]).toEqual([0, ''])
    expect(stdout).toMatch(/^(Usage: portolan |\d+\.\d+\.\d+\n$)/)
  })
})
