import { expect, it } from 'vitest'
import { makeSecret } from '../leaks/secrets.ts'
import { checkSignature, type SignatureRules, type SignedRequest } from './signature.ts'

const KEY = { accessKey: 'AKIDEXAMPLE', secretKey: 'wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY', reader: 'broker' }
const BEARER = `Bearer ${makeSecret('token')}`
const SCOPE = '20261122/eu-central-1/s3/aws4_request'
const ODD = '/genomes/odd/%C3%A4%20%281%29%2B%2A%21%27~/x.bam'

/** Requests as the SDK of AWS has signed them. */
const IN_HEADERS: SignedRequest = {
  method: 'GET',
  target: `${ODD}?x-id=GetObject`,
  headers: {
    range: 'bytes=0-9',
    host: 's3.example.org:9000',
    'user-agent': 'not signed',
    'amz-sdk-invocation-id': '601d726a-c9a4-4fe3-9b4d-fdf994b846a3',
    'amz-sdk-request': 'attempt=1; max=1',
    'x-amz-checksum-mode': 'ENABLED',
    'x-amz-user-agent': 'aws-sdk-js/3.1168.0',
    'x-amz-date': '20261122T195039Z',
    'x-amz-content-sha256': 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855',
    authorization: `AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/${SCOPE}, SignedHeaders=amz-sdk-invocation-id;amz-sdk-request;host;range;x-amz-checksum-mode;x-amz-content-sha256;x-amz-date;x-amz-user-agent, Signature=17a71323eb9592dca150f6e33d2f4bf4953fa18a4bf2542050ccc810ff554cf2`,
  },
}
const LIST: SignedRequest = {
  method: 'GET',
  target: '/genomes/?list-type=2&prefix=a%20b%2F%2B&max-keys=7&start-after=a%20b%2F%2B%2F%C3%BC',
  headers: {
    host: 's3.example.org:9000',
    'amz-sdk-invocation-id': '233591e2-13cb-4165-8875-5ed0d4d4fec6',
    'amz-sdk-request': 'attempt=1; max=1',
    'x-amz-user-agent': 'aws-sdk-js/3.1168.0',
    'x-amz-date': '20261122T195039Z',
    'x-amz-content-sha256': 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855',
    authorization: `AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/${SCOPE}, SignedHeaders=amz-sdk-invocation-id;amz-sdk-request;host;x-amz-content-sha256;x-amz-date;x-amz-user-agent, Signature=1e2e45777e1dacc2bf64a087894bcaf9080fe82a2bcdc6478c8a9ddc98dd281f`,
  },
}
const IN_QUERY: SignedRequest = {
  method: 'GET',
  target: `${ODD}?X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Content-Sha256=UNSIGNED-PAYLOAD&X-Amz-Credential=AKIDEXAMPLE%2F20261122%2Feu-central-1%2Fs3%2Faws4_request&X-Amz-Date=20261122T193000Z&X-Amz-Expires=900&X-Amz-Signature=d3f660a856d15599bf50c291d8bb999a12b63d4f7f930d795ccce7dd69f89ecc&X-Amz-SignedHeaders=host&x-amz-checksum-mode=ENABLED&x-id=GetObject`,
  headers: { host: 's3.example.org:9000', range: 'bytes=5-' },
}
const PART: SignedRequest = {
  method: 'PUT',
  target:
    '/genomes/a?X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Content-Sha256=UNSIGNED-PAYLOAD&X-Amz-Credential=AKIDEXAMPLE%2F20261122%2Feu-central-1%2Fs3%2Faws4_request&X-Amz-Date=20261122T193000Z&X-Amz-Expires=900&X-Amz-Signature=55b4d2d30797a8ad519c9934d0b23ee1d2d65ca28430b4c03133e63c87867108&X-Amz-SignedHeaders=host&partNumber=1&uploadId=u&x-id=UploadPart',
  headers: { host: 's3.example.org:9000' },
}

const MADE_AT = { headers: Date.parse('2026-11-22T19:50:39Z'), query: Date.parse('2026-11-22T19:30:00Z') }
const rules = (now: number, other: Partial<SignatureRules> = {}): SignatureRules => ({ keys: [KEY], region: 'eu-central-1', now, ...other })

/** `signed`, or the word of S3 for why not. */
function judge(request: SignedRequest, given: SignatureRules): string {
  const verdict = checkSignature(request, given)
  return verdict.signed ? 'signed' : `${verdict.status} ${verdict.code}`
}

const withHeaders = (request: SignedRequest, headers: SignedRequest['headers']): SignedRequest => ({
  ...request,
  headers: { ...request.headers, ...headers },
})
const MINUTE = 60_000

const RIGHT: [what: string, request: SignedRequest, now: number][] = [
  ['a read with odd letters in its key', IN_HEADERS, MADE_AT.headers],
  ['a list', LIST, MADE_AT.headers],
  ['a read whose clock is 14 minutes late', IN_HEADERS, MADE_AT.headers + 14 * MINUTE],
  ['a presigned read, with a range that nobody signed', IN_QUERY, MADE_AT.query],
  ['a presigned read in its last second', IN_QUERY, MADE_AT.query + 899_000],
  ['a presigned part', PART, MADE_AT.query],
]
for (const [what, request, now] of RIGHT) it(`${what} passes`, () => expect(judge(request, rules(now))).toBe('signed'))

const WRONG: [what: string, request: SignedRequest, given: SignatureRules, answer: string][] = [
  ...([['header', IN_HEADERS, MADE_AT.headers] as const, ['query', IN_QUERY, MADE_AT.query] as const] as const).flatMap(
    ([form, request, now]): [string, SignedRequest, SignatureRules, string][] => [
      [
        `${form}: another key of an object`,
        { ...request, target: request.target.replace('x.bam', 'y.bam') },
        rules(now),
        '403 SignatureDoesNotMatch',
      ],
      [`${form}: another method`, { ...request, method: 'HEAD' }, rules(now), '403 SignatureDoesNotMatch'],
      [`${form}: another host`, withHeaders(request, { host: 'evil.example.org' }), rules(now), '403 SignatureDoesNotMatch'],
      [`${form}: a further parameter`, { ...request, target: `${request.target}&versionId=1` }, rules(now), '403 SignatureDoesNotMatch'],
      [`${form}: another secret`, request, rules(now, { keys: [{ ...KEY, secretKey: 'other' }] }), '403 SignatureDoesNotMatch'],
      [`${form}: an unknown access key`, request, rules(now, { keys: [] }), '403 InvalidAccessKeyId'],
      [`${form}: another region`, request, rules(now, { region: 'us-east-1' }), '400 AuthorizationHeaderMalformed'],
      [`${form}: an order that nobody signed`, withHeaders(request, { 'x-amz-copy-source': '/b/secret' }), rules(now), '403 AccessDenied'],
    ],
  ),
  ['another range', withHeaders(IN_HEADERS, { range: 'bytes=0-99' }), rules(MADE_AT.headers), '403 SignatureDoesNotMatch'],
  [
    'another digest of the body',
    withHeaders(IN_HEADERS, { 'x-amz-content-sha256': 'UNSIGNED-PAYLOAD' }),
    rules(MADE_AT.headers),
    '403 SignatureDoesNotMatch',
  ],
  ['no digest of the body', withHeaders(IN_HEADERS, { 'x-amz-content-sha256': undefined }), rules(MADE_AT.headers), '400 InvalidRequest'],
  ['a clock 16 minutes late', IN_HEADERS, rules(MADE_AT.headers + 16 * MINUTE), '403 RequestTimeTooSkewed'],
  ['a clock 16 minutes early', IN_HEADERS, rules(MADE_AT.headers - 16 * MINUTE), '403 RequestTimeTooSkewed'],
  [
    'another day',
    withHeaders(IN_HEADERS, { 'x-amz-date': '20261123T195039Z' }),
    rules(MADE_AT.headers + 86_400_000),
    '400 AuthorizationHeaderMalformed',
  ],
  ['a link that is over', IN_QUERY, rules(MADE_AT.query + 900_000), '403 AccessDenied'],
  ['a link of tomorrow', IN_QUERY, rules(MADE_AT.query - 86_400_000), '403 AccessDenied'],
  [
    'a link made to live longer',
    { ...IN_QUERY, target: IN_QUERY.target.replace('Expires=900', 'Expires=9000') },
    rules(MADE_AT.query),
    '403 SignatureDoesNotMatch',
  ],
  [
    'a link for ever',
    { ...IN_QUERY, target: IN_QUERY.target.replace('Expires=900', 'Expires=604801') },
    rules(MADE_AT.query),
    '400 AuthorizationQueryParametersError',
  ],
  [
    'the same part, with another number',
    { ...PART, target: PART.target.replace('partNumber=1', 'partNumber=2') },
    rules(MADE_AT.query),
    '403 SignatureDoesNotMatch',
  ],
  ['a link beside a login', withHeaders(IN_QUERY, { authorization: BEARER }), rules(MADE_AT.query), '400 InvalidArgument'],
  ['no signature', { method: 'GET', target: '/genomes/x', headers: { host: 'x' } }, rules(MADE_AT.query), '403 AccessDenied'],
  [
    'another way to log in',
    { method: 'GET', target: '/genomes/x', headers: { host: 'x', authorization: BEARER } },
    rules(MADE_AT.query),
    '400 InvalidArgument',
  ],
]
for (const [what, request, given, answer] of WRONG) it(`${what} is refused`, () => expect(judge(request, given)).toBe(answer))
