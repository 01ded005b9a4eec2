/**
 * Every error that our routes answer, as data: the slug of its type, its status, when it comes, and what to do. `docs/errors.md` says the same;
 * a test compares the two.
 */
export const ERRORS = {
  'bad-json': {
    status: 400,
    title: 'The body is not JSON',
    when: 'The body of a create or a dry run cannot be parsed.',
    fix: 'Send one JSON object.',
  },
  'bad-task': {
    status: 400,
    title: 'The task is malformed',
    when: 'A field of the task is missing, of the wrong type or has a value that no site could use.',
    fix: 'Mend the named fields.',
  },
  'bad-query': {
    status: 400,
    title: 'A query parameter is malformed',
    when: '`view`, `state`, `page_size` or a tag filter has a value that it cannot have.',
    fix: 'Mend the named parameter.',
  },
  'bad-page-token': {
    status: 400,
    title: 'The page token is not valid',
    when: '`page_token` is not one of ours, or was given to somebody else or for other filters.',
    fix: 'Begin again with the first page.',
  },
  'bad-hint': {
    status: 400,
    title: 'A placement hint is malformed',
    when: 'A tag or backend parameter whose name begins with `portolan_` has a value that it cannot have.',
    fix: 'Mend or remove the named hint.',
  },
  'backend-parameter-unsupported': {
    status: 400,
    title: 'A backend parameter is not supported',
    when: '`backend_parameters_strict` is true and a parameter is none that service-info lists.',
    fix: 'Remove the named parameter, or set `backend_parameters_strict` to false.',
  },
  'bad-path': {
    status: 400,
    title: 'The path cannot be decoded',
    when: 'The path holds a percent sign that is no valid UTF-8 escape.',
    fix: 'Encode the path as UTF-8.',
  },
  'project-required': {
    status: 400,
    title: 'The project is not clear',
    when: 'The person is in more than one project and the create names none.',
    fix: 'Set the tag `portolan_project` to one of the listed projects.',
  },
  'foreign-host': {
    status: 403,
    title: 'This host name is not served',
    when: 'Open mode, and the `Host` header is not a loopback name.',
    fix: 'Use 127.0.0.1, localhost or [::1].',
  },
  'foreign-origin': {
    status: 403,
    title: 'Pages of this origin may not ask',
    when: 'Open mode, and the `Origin` header names a page that is neither the broker’s own nor configured.',
    fix: 'List the origin in `server.corsOrigins`.',
  },
  'task-unknown': {
    status: 404,
    title: 'There is no such task',
    when: 'The id was never given out, or the task belongs to somebody else.',
    fix: 'Check the id and who you are.',
  },
  'decision-unknown': {
    status: 404,
    title: 'There is no decision yet',
    when: 'The placement of a task is asked for before one was decided.',
    fix: 'Ask again when the task has been considered.',
  },
  'project-unknown': {
    status: 404,
    title: 'There is no such project',
    when: 'The create names a project that does not exist or that the person is not in.',
    fix: 'Name one of your own projects; `GET /portolan/v1/projects` lists them.',
  },
  'route-unknown': {
    status: 404,
    title: 'There is nothing at this path',
    when: 'The path is none of the broker’s.',
    fix: 'Use `/ga4gh/tes/v1` as the base.',
  },
  'method-not-allowed': {
    status: 405,
    title: 'The method is not offered here',
    when: 'The path exists, but not with this method.',
    fix: 'Use a method of the `Allow` header.',
  },
  'body-too-large': {
    status: 413,
    title: 'The body is too large',
    when: 'The body is larger than `limits.bodyMiB`.',
    fix: 'Put large contents into files and name their URLs.',
  },
  'content-type': {
    status: 415,
    title: 'The body is not declared as JSON',
    when: 'A body came with another `Content-Type` than `application/json`.',
    fix: 'Send `Content-Type: application/json`.',
  },
  'key-reused': {
    status: 422,
    title: 'The Idempotency-Key was used for another body',
    when: 'The same key came with a different body within 24 hours.',
    fix: 'Take a new key for a new task.',
  },
  internal: {
    status: 500,
    title: 'The broker failed',
    when: 'Something went wrong that should not have; the log has the request id.',
    fix: 'Report the request id to the operator.',
  },
  'store-unavailable': {
    status: 503,
    title: 'Nothing can be stored now',
    when: 'The store cannot write (disk full, read-only or too slow). Reads go on.',
    fix: 'Try again after `Retry-After` seconds.',
  },
} as const satisfies Record<string, ErrorEntry>

export interface ErrorEntry {
  readonly status: number
  readonly title: string
  readonly when: string
  readonly fix: string
}

export type ErrorSlug = keyof typeof ERRORS
