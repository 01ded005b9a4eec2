/**
 * Guards that keep people apart (rows 3 and 4), and that keep what is stored shut (row 9).
 */
import type { Guard } from '../guard.ts'

const VISIBILITY = 'apps/broker/src/stores/visibility.ts'
const DOOR = 'apps/broker/src/api/door.ts'
const HIDDEN_SITES = ['test/e2e/hidden-sites.test.ts']
const MATRIX = ['apps/broker/test/access/access.test.ts']
const STORE = ['apps/broker/src/stores/sqlite-store.test.ts']
const LOGIN_STORE = ['apps/broker/src/stores/sqlite-login-store.test.ts']
const SATISFIES = ['packages/identity/src/satisfies.test.ts']
const STOLEN = ['apps/broker/src/stores/sqlite-login-store.faults.test.ts']
const LOG = ['apps/broker/src/observe/log.test.ts']

export const APART: readonly Guard[] = [
  {
    id: 'decisions-by-sight',
    threats: ['T03'],
    file: 'packages/federation/src/sight.ts',
    off: [['sight.sites.has(id) || id === chosen', "id !== '' || sight.sites.has(id) || id === chosen"]],
    tests: HIDDEN_SITES,
  },
  {
    id: 'locations-by-sight',
    threats: ['T03'],
    file: 'packages/federation/src/facts.ts',
    off: [['return sight !== undefined && !sight.locations.has(location)', "return location === '' && sight !== undefined"]],
    tests: HIDDEN_SITES,
  },
  {
    id: 'figures-behind-a-proxy',
    threats: ['T03'],
    file: 'apps/broker/src/config/metrics-from.ts',
    off: [['isBehindProxy(publicUrl) ? [] : THIS_MACHINE', 'isBehindProxy(publicUrl) && publicUrl === "" ? [] : THIS_MACHINE']],
    tests: ['test/e2e/metrics.test.ts'],
  },
  {
    id: 'figures-by-believed-proxies',
    threats: ['T03'],
    file: 'apps/broker/src/api/metrics-door.ts',
    off: [['(!isForwarded || isBelieved(request))', '(!isForwarded || isBelieved(request) || trustProxy !== false)']],
    tests: ['apps/broker/src/api/metrics-door.test.ts'],
  },
  {
    id: 'places-for-members-alone',
    threats: ['T03'],
    file: 'apps/broker/src/api/service-info.ts',
    off: [['storage: open ? listStorage(snapshot.locations) : []', 'storage: listStorage(snapshot.locations)']],
    tests: ['apps/broker/src/api/service-info.test.ts'],
  },
  {
    id: 'bytes-no-more-than-promised',
    threats: ['T03'],
    file: 'apps/broker/src/api/relay-output.ts',
    off: [["if (passed + chunk.length > length) throw new Error('The store sends more than it has promised')", '']],
    tests: ['apps/broker/test/outputs.test.ts'],
  },
  {
    id: 'parameters-of-closed-sites-from-nobody',
    threats: ['T03'],
    file: 'apps/broker/src/api/service-info.ts',
    off: [['filter(site => open || isForEveryProject(site))', 'filter(site => open || site)']],
    tests: ['apps/broker/src/api/service-info.test.ts'],
  },
  {
    id: 'parameters-of-sites-in-sight',
    threats: ['T03'],
    file: 'apps/broker/src/api/service-info.ts',
    off: [['filter(({ id }) => sites.has(id))', 'filter(() => sites.size >= 0)']],
    tests: ['apps/broker/src/api/service-info.test.ts'],
  },
  {
    id: 'lines-by-sight',
    threats: ['T03'],
    file: 'apps/broker/src/broker.ts',
    off: [
      [
        "config.auth.mode === 'open' ? openTaskSight : createTaskSight(",
        'config.auth.mode !== undefined ? openTaskSight : createTaskSight(',
      ],
    ],
    tests: HIDDEN_SITES,
  },
  {
    id: 'owner',
    threats: ['T03'],
    file: VISIBILITY,
    off: [['return row.subject === principal.subject && row.issuer === principal.issuer && isWithin', 'return isWithin']],
    tests: MATRIX,
  },
  {
    id: 'owner-by-issuer',
    threats: ['T03'],
    file: VISIBILITY,
    off: [[' && row.issuer === principal.issuer && isWithin', ' && isWithin']],
    tests: STORE,
  },
  {
    id: 'bound-to-project',
    threats: ['T03'],
    file: VISIBILITY,
    off: [['return principal.project === undefined || principal.project === project', 'return project !== undefined']],
    tests: MATRIX,
  },
  {
    id: 'project-shares',
    threats: ['T03'],
    file: VISIBILITY,
    off: [[`return row.visibility === 'project' && isWithin(principal, row.project) && (`, 'return isWithin(principal, row.project) && (']],
    tests: STORE,
  },
  {
    id: 'members-only',
    threats: ['T03'],
    file: VISIBILITY,
    off: [[' && (principal.sees ?? NOTHING).some(id => id === row.project)', '']],
    tests: MATRIX,
  },
  {
    id: 'members-read-only',
    threats: ['T03'],
    file: VISIBILITY,
    off: [['return isOwner(principal, row) || seesAll(principal)\n', "return maySee(principal, { visibility: 'project', ...row })\n"]],
    tests: MATRIX,
  },
  { id: 'admin-by-scope', threats: ['T03'], file: VISIBILITY, off: [[` && scopes.includes('admin') &&`, ' &&']], tests: STORE },
  {
    id: 'sight-of-lists',
    threats: ['T03'],
    file: VISIBILITY,
    off: [['if (seesAll(principal)) return { all: true }', 'if (principal.subject !== undefined) return { all: true }']],
    tests: MATRIX,
  },
  {
    id: 'page-token-signed',
    threats: ['T03'],
    file: 'apps/broker/src/api/page-token.ts',
    off: [[' || !timingSafeEqual(bytes.subarray(ID_CHARACTERS), macOf(principal, filter, after))', '']],
    tests: MATRIX,
  },
  {
    id: 'page-token-of-its-owner',
    threats: ['T03'],
    file: 'apps/broker/src/api/page-token.ts',
    off: [['          principal.issuer,\n          principal.subject,\n          sightOf(principal),\n', '']],
    tests: MATRIX,
  },
  {
    id: 'door-asks-who',
    threats: ['T03'],
    file: DOOR,
    off: [
      [
        `if ('outcome' in answer) return refuseWrong(request, exchange, answer)`,
        `if ('outcome' in answer) answer = { issuer: 'x', subject: 'x', roles: [], scopes: ['read', 'write', 'admin'] }`,
      ],
    ],
    tests: MATRIX,
  },
  {
    id: 'door-asks-scope',
    threats: ['T03'],
    file: DOOR,
    off: [['if (!answer.scopes.includes(needed)) throw lackScope(answer, needed)', '']],
    tests: MATRIX,
  },
  {
    id: 'idempotency-key-of-its-owner',
    threats: ['T03'],
    file: 'apps/broker/src/stores/sqlite/commands/create.ts',
    off: [[`      .where('subject', '=', param('subject'))\n      .where('idempotency_key_hash'`, `      .where('idempotency_key_hash'`]],
    tests: STORE,
  },
  {
    id: 'tokens-of-their-owner',
    threats: ['T03'],
    file: 'apps/broker/src/stores/login-rules/reach.ts',
    off: [['return (within && isPerson(principal, owner)) || seesAll(principal)', 'return within || owner === undefined']],
    tests: LOGIN_STORE,
  },
  {
    id: 'tokens-can-no-more',
    threats: ['T04'],
    file: 'apps/broker/src/stores/login-rules/reach.ts',
    off: [['return foreignProject || wanted.scopes.some(scope => !principal.scopes.includes(scope))', 'return false']],
    tests: LOGIN_STORE,
  },
  {
    id: 'authority-pinned',
    threats: ['T04'],
    file: 'packages/identity/src/satisfies.ts',
    off: [[' || !isPinned(held, authorities)) return false', ') return false']],
    tests: SATISFIES,
  },
  {
    id: 'authority-of-its-namespace',
    threats: ['T04'],
    file: 'packages/identity/src/authorities.ts',
    off: [[' && (pinned.namespace === undefined || pinned.namespace === entitlement.namespace)', '']],
    tests: SATISFIES,
  },
  {
    id: 'groups-in-their-order',
    threats: ['T04'],
    file: 'packages/identity/src/satisfies.ts',
    off: [['required.path.every((group, depth) => held.path[depth] === group)', 'required.path.every(group => held.path.includes(group))']],
    tests: SATISFIES,
  },
  {
    id: 'groups-of-one-login',
    threats: ['T04'],
    file: 'packages/identity/src/member.ts',
    off: [["if (!rules || (member.kind === 'group' && member.issuer !== holder.issuer)) return", 'if (!rules) return']],
    tests: ['packages/identity/src/member.test.ts'],
  },
  {
    id: 'documents-coded',
    threats: ['T09'],
    file: 'apps/broker/src/stores/codec.ts',
    off: [
      [
        'cipher.update(compressed ? shorter : plain), cipher.final(), cipher.getAuthTag()]',
        'compressed ? shorter : plain, Buffer.alloc(TAG_BYTES)]',
      ],
      [
        'const plain = decipher.update(bytes.subarray(nonceEnd, -TAG_BYTES))\n    decipher.final()',
        'const plain = bytes.subarray(nonceEnd, -TAG_BYTES)',
      ],
    ],
    tests: STOLEN,
  },
  {
    id: 'documents-bound-to-their-row',
    threats: ['T09'],
    file: 'apps/broker/src/stores/codec.ts',
    off: [[`return Buffer.concat([header, Buffer.from(name, 'utf8')])`, 'return name === undefined ? Buffer.alloc(0) : header']],
    tests: STOLEN,
  },
  {
    id: 'tokens-hashed',
    threats: ['T09'],
    file: 'apps/broker/src/auth/tokens/opaque-token.ts',
    off: [[`return hash('sha256', text, 'hex') as SecretHash`, 'return text as SecretHash']],
    tests: ['apps/broker/src/auth/tokens/opaque-token.test.ts'],
  },
  {
    id: 'log-hides-fields',
    threats: ['T09'],
    file: 'apps/broker/src/observe/hide-secrets.ts',
    off: [['SECRET_NAME.test(key) && entry !== undefined ?', 'entry === HIDDEN ?']],
    tests: LOG,
  },
  {
    id: 'log-hides-texts',
    threats: ['T09'],
    file: 'apps/broker/src/observe/log.ts',
    off: [['    hooks: { streamWrite: hideInText },\n', '']],
    tests: LOG,
  },
  {
    id: 'log-drops-foreign-answers',
    threats: ['T09'],
    file: 'apps/broker/src/observe/describe-error.ts',
    off: [
      [
        '...(cause instanceof Error && level < MOST_LEVELS && { cause: describeError(cause, level + 1) }),',
        '...(cause !== undefined && { cause: cause instanceof Error ? describeError(cause, level + 1) : cause }),',
      ],
    ],
    tests: [...LOG, 'apps/broker/test/login/repeating-login.test.ts'],
  },
]
