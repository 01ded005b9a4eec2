/**
 * Every error that our routes answer, as data. `docs/errors.md` says the same; a test compares the two, both ways.
 */
export interface ErrorEntry {
  readonly status: number
  /** The kind of error in a few words. */
  readonly title: string
  readonly when: string
  readonly fix: string
}

/** Kinds of our own. The `type` of the answer is `urn:portolan:error:` and the name. */
export const ERRORS = {
  'bad-page-token': {
    status: 400,
    title: 'The page token is not valid',
    when: '`page_token` is none of ours, or was given to somebody else or for other conditions',
    fix: 'Leave page_token out to begin again with the first page.',
  },
  'bad-hint': {
    status: 400,
    title: 'A placement hint cannot be understood',
    when: 'A tag or backend parameter whose name begins with `portolan_` has a value that it cannot have, or is given in two spellings',
    fix: 'Mend or remove the named hint.',
  },
  'backend-parameter-unsupported': {
    status: 400,
    title: 'A backend parameter is not supported',
    when: '`backend_parameters_strict` is true and no site that the project may use knows the parameter',
    fix: 'Remove it, or set backend_parameters_strict to false.',
  },
  'path-unmapped': {
    status: 400,
    title: 'A path means nothing here',
    when: 'An input or output is named by a bare path or a `file:` URL below no folder of `pathMaps` that counts for the project, or by one that can be read in more than one way, and no site takes files by path. One problem for each folder',
    fix: 'Name the files by a URL, such as https or s3.',
  },
  'no-results': {
    status: 400,
    title: 'There is no place for an output',
    when: 'The `url` of an output is a bare name, such as `report.html`, and the project declares no `results`',
    fix: 'Give the output a URL, or ask the operator to declare where results of the project go.',
  },
  'bad-output-name': {
    status: 400,
    title: 'The name of an output is not plain',
    when: 'The `url` of an output is a bare name that climbs (`..`), has empty parts, or holds what the URL of an object cannot hold',
    fix: 'Use a plain name, such as plots/report.html.',
  },
  'no-uploads': {
    status: 400,
    title: 'The project takes no uploads',
    when: 'An upload is begun in a project that declares no `uploads`, or that is over',
    fix: 'Name another project, or ask the operator to declare `uploads` in the file of the project.',
  },
  'project-required': {
    status: 400,
    title: 'The project is not clear',
    when: 'The caller is not in exactly one project and the task names none',
    fix: 'Set the tag portolan_project to one of the listed projects.',
  },
  'credential-conflict': {
    status: 400,
    title: 'Two different credentials came',
    when: '`Authorization` and `X-API-Key` hold different tokens: whichever counted would surprise somebody',
    fix: 'Send one of them.',
  },
  'credential-missing': {
    status: 401,
    title: 'Nobody may ask this without a login',
    when: 'The request carries no credential and the operation needs one',
    fix: 'Send a token as Authorization: Bearer, as the password of Authorization: Basic, or as X-API-Key.',
  },
  'credential-refused': {
    status: 401,
    title: 'The credential is not taken',
    when: 'The token is malformed, unknown, expired, revoked, or was not made for this server',
    fix: 'Log in again, or make a new token.',
  },
  'scope-missing': {
    status: 403,
    title: 'The credential does not allow this',
    when: 'The credential is good, but lacks the scope that the operation needs',
    fix: 'Use a credential that has it.',
  },
  'login-needed': {
    status: 403,
    title: 'You must log in again first',
    when: 'A create by somebody about whom their login was last asked longer ago than `auth.claimsMaxAgeHours`, and only they can renew it. Reading and cancelling go on',
    fix: 'Log in again; your tokens stay as they are.',
  },
  'not-owner': {
    status: 403,
    title: 'Only its owner may change a task',
    when: 'A task of the project, which its members may only read, is to be cancelled by somebody else than its owner',
    fix: 'Ask its owner, or an administrator.',
  },
  'not-admin': {
    status: 403,
    title: 'Only an administrator may see this',
    when: 'The tokens or logins of somebody else are asked for, and the credential is not that of an administrator, or is bound to a project',
    fix: 'Leave owner out for your own.',
  },
  'metrics-closed': {
    status: 403,
    title: 'The figures are not for this address',
    when: '`/metrics` is asked from an address that `server.metricsFrom` does not name, or through a proxy that `server.trustProxy` does not name',
    fix: 'Ask from the machine of the broker, or have the operator name the address in server.metricsFrom.',
  },
  'token-exceeds': {
    status: 403,
    title: 'A token cannot do more than what makes it',
    when: 'A personal token is asked for with a scope or project that the credential of the request lacks, by a personal token, or by a token of the login itself',
    fix: 'Ask for less, or log in at this broker (portolan login) and make it then.',
  },
  'token-ends-itself': {
    status: 403,
    title: 'A token ends no other token and no login',
    when: 'A personal token would end a login or another token, or a token of the login itself one of them: whoever finds one could shut its owner out',
    fix: 'Log in at this broker (portolan login) and do it then.',
  },
  'credential-bound': {
    status: 403,
    title: 'A credential that is bound to a project cannot do this',
    when: 'All logins of the person are to be ended by a credential that is bound to one project',
    fix: 'Use a credential that is bound to none.',
  },
  'bytes-stay': {
    status: 403,
    title: 'The bytes stay where they are',
    when: 'The bytes of an output are asked for whose place hands out nothing (`access: compute` of its prefix, `delivery: none` of its location, no declared location at all), or that do not pass through the broker because a link opens them',
    fix: 'Fetch it from its address by rights of your own, or ask the operator of its location.',
  },
  'bytes-not-yours': {
    status: 403,
    title: 'The bytes are for those whose task it is',
    when: 'An administrator asks for the bytes of an output of a task that is neither theirs nor shared with them: they see what there is, and fetch nothing',
    fix: 'Ask the owner of the task.',
  },
  'foreign-host': {
    status: 403,
    title: 'This host name is not served',
    when: 'Open mode, and the `Host` header is not a loopback name',
    fix: 'Use 127.0.0.1, localhost or [::1].',
  },
  'foreign-origin': {
    status: 403,
    title: 'Pages of this origin may not ask',
    when: 'Open mode, and the `Origin` header names a page that is neither of the broker itself nor configured',
    fix: 'List the origin in server.corsOrigins.',
  },
  'task-unknown': {
    status: 404,
    title: 'There is no such task that you may see',
    when: 'The id was never given out, or the task belongs to somebody else',
    fix: 'Check the id, and who you are.',
  },
  'output-unknown': {
    status: 404,
    title: 'The task has no such output',
    when: 'The number is none of an output of the task',
    fix: 'GET /portolan/v1/tasks/{id}/outputs lists them.',
  },
  'object-unknown': {
    status: 404,
    title: 'There is no such object that you may see',
    when: 'A DRS object is asked for whose id was never given out, whose task has not ended or belongs to somebody else, or of whose output no version is known',
    fix: 'Check the id, and who you are; GET /portolan/v1/tasks/{id}/outputs names the objects of a task.',
  },
  'upload-unknown': {
    status: 404,
    title: 'There is no such upload of yours',
    when: 'The id was never given out, or the upload belongs to somebody else, has ended or expired, is whole when it is to be given up, or was forgotten by the store; or you are not in its project any more, or that has its `uploads` elsewhere',
    fix: 'Begin a new one (POST /portolan/v1/uploads).',
  },
  'decision-unknown': {
    status: 404,
    title: 'No site has been considered for the task yet',
    when: 'The placement of a task is asked for before it was decided',
    fix: 'Ask again in a moment.',
  },
  'project-unknown': {
    status: 404,
    title: 'There is no such project that you are in',
    when: 'The task names a project that does not exist, or that the caller is not in',
    fix: 'Name one of your own; GET /portolan/v1/projects lists them.',
  },
  'token-unknown': {
    status: 404,
    title: 'There is no such token that you may see',
    when: 'The id was never given out, or the personal token belongs to somebody else',
    fix: 'Check the id; GET /portolan/v1/tokens lists yours.',
  },
  'login-unknown': {
    status: 404,
    title: 'There is no such login that you may see',
    when: 'The id was never given out, or the login belongs to somebody else',
    fix: 'Check the id; GET /portolan/v1/logins lists yours.',
  },
  'no-login': {
    status: 404,
    title: 'This broker has no login',
    when: 'Tokens or logins are asked for in open mode, where everybody who can connect is the one local person',
    fix: 'Go on without a credential; with auth.mode: required and an issuer there is a login.',
  },
  'route-unknown': {
    status: 404,
    title: 'There is nothing at this path',
    when: 'The path is none of ours',
    fix: 'The base of the TES API is /ga4gh/tes/v1.',
  },
  'outputs-not-ready': {
    status: 409,
    title: 'The task has not ended',
    when: 'A link to an output, or its bytes, are asked for while the task is under way',
    fix: 'Ask again when the task has ended.',
  },
  'output-changed': {
    status: 409,
    title: 'The output is not what was measured',
    when: 'What lies at the address of an output is gone, or is another version than the one that the task has left',
    fix: 'Whoever has replaced or removed it knows where the bytes of the task are.',
  },
  'upload-exists': {
    status: 409,
    title: 'Something is there already',
    when: 'An upload is begun or completed whose name is taken, without `replace`; or, at an HTTP data server, something of another size has come there since it was begun',
    fix: 'Take another name, or begin again with "replace": true.',
  },
  'upload-incomplete': {
    status: 409,
    title: 'The upload is not whole',
    when: 'It is to be completed while parts are missing or have another size than they must, by what the store itself says',
    fix: 'Send these parts, each exactly as large as it must be, and complete it again.',
  },
  'part-elsewhere': {
    status: 409,
    title: 'The parts of this upload do not pass through the broker',
    when: 'A part is sent to the broker whose upload has `delivery: direct`',
    fix: 'Ask for links (POST /portolan/v1/uploads/{id}/links), and put the parts there.',
  },
  'too-many-uploads': {
    status: 409,
    title: 'You have as many uploads under way as one person may have',
    when: 'An upload is begun by somebody who has 100 under way',
    fix: 'Complete or abort one (GET /portolan/v1/uploads lists them), or wait until one expires.',
  },
  'too-many-tokens': {
    status: 409,
    title: 'You have as many personal tokens as one person may have',
    when: 'A personal token is asked for by somebody who has `limits.live.person.tokens` live ones',
    fix: 'Revoke one that is not used any more (portolan token list, then portolan token revoke ID), or wait until one expires.',
  },
  'content-type': {
    status: 415,
    title: 'The body is not declared as JSON',
    when: 'Open mode, and a body came with another `Content-Type` than `application/json`',
    fix: 'Send Content-Type: application/json.',
  },
  'key-reused': {
    status: 422,
    title: 'The Idempotency-Key was used for another task',
    when: 'The same key came with a different body within 24 hours',
    fix: 'Take a new key for a new task.',
  },
  'too-many-requests': {
    status: 429,
    title: 'Too many requests of this kind',
    when: 'Creates or logins come faster than `limits.rates` allows, large creates side by side have more bytes than `limits.bodies`, or too many wrong credentials or codes have come. Polls are never refused so, only answered late',
    fix: 'Try again after the seconds of the Retry-After header.',
  },
  'login-unavailable': {
    status: 503,
    title: 'The login cannot be asked now',
    when: 'The credential is not known here yet, or a create needs fresh word of the person, and the login that could give it does not answer',
    fix: 'Try again after the seconds of the Retry-After header; credentials that were used before go on.',
  },
  'too-much-at-once': {
    status: 503,
    title: 'Too many bytes are under way at once',
    when: 'A large dry run comes while the bodies under way of the person, or of all, have `limits.bodies`. A create is 429 `too-many-requests` then',
    fix: 'Try again after the seconds of the Retry-After header.',
  },
  'too-many-streams': {
    status: 503,
    title: 'Too many streams of events are open',
    when: 'A stream of events is asked for by somebody who has 16 open, or while the broker has 2,000',
    fix: 'Follow all tasks by one stream (GET /portolan/v1/events), or ask for pages of events; or try again after the seconds of the Retry-After header.',
  },
  'location-unavailable': {
    status: 503,
    title: 'The server of the location does not answer',
    when: 'A link to an output, or its bytes, are asked for, or something is done with an upload, and the store of its location cannot be asked, refuses the broker, or is at something else with it',
    fix: 'Try again after the seconds of the Retry-After header; GET /portolan/v1/locations tells how its location is.',
  },
  'relay-busy': {
    status: 503,
    title: 'Too much passes through the broker now',
    when: 'Bytes that pass through the broker are asked for or sent, and no place has become free in half a minute',
    fix: 'Try again after the seconds of the Retry-After header.',
  },
  'store-unavailable': {
    status: 503,
    title: 'Nothing can be stored now',
    when: 'The store cannot write: the disk is full, read-only or too slow. Reads go on',
    fix: 'Try again after the seconds of the Retry-After header.',
  },
} as const satisfies Record<string, ErrorEntry>
export type ErrorSlug = keyof typeof ERRORS

/** Kinds that the status alone names: the `type` of the answer is `about:blank`. */
export const PLAIN_ERRORS = {
  'Bad Request': {
    status: 400,
    title: 'Bad Request',
    when: 'The body is not JSON, a field of the task or a query parameter is malformed, or the path cannot be decoded',
    fix: 'Mend each field that `problems` names.',
  },
  'Method Not Allowed': {
    status: 405,
    title: 'Method Not Allowed',
    when: 'The path exists, but not with this method',
    fix: 'Use one that the Allow header names.',
  },
  'Request Timeout': {
    status: 408,
    title: 'Request Timeout',
    when: 'A body was begun, and then nothing more of it has come',
    fix: 'Send it again.',
  },
  'Content Too Large': {
    status: 413,
    title: 'Content Too Large',
    when: 'The body is larger than `limits.bodyMiB`, or what is sent as a part of an upload is larger than that part',
    fix: 'Store large files and give their URLs instead of inline content.',
  },
  'Unsupported Media Type': {
    status: 415,
    title: 'Unsupported Media Type',
    when: 'The body of a create is not declared as JSON, or its encoding or character set is not known; or a part of an upload is sent encoded',
    fix: 'Send plain UTF-8 with Content-Type: application/json.',
  },
  'Internal Server Error': {
    status: 500,
    title: 'Internal Server Error',
    when: 'Something went wrong that should not have; the log has the request id',
    fix: 'Tell the operator the request id.',
  },
} as const satisfies Record<string, ErrorEntry>
