import { describe, expect, it } from 'vitest'
import { addressOf } from './s3-address.ts'

const PLAIN = 'https://s3.example.org'

describe('the address of an object at an S3 server', () => {
  it.each([
    ['an s3 URL', 's3://bucket/dir/a.txt', PLAIN, 'bucket', 'dir/a.txt'],
    ['a bucket', 's3://bucket', PLAIN, 'bucket', ''],
    ['a bucket with a slash', 's3://bucket/', PLAIN, 'bucket', ''],
    ['a key as it stands there', 's3://bucket/a%20b c+d;e', PLAIN, 'bucket', 'a%20b c+d;e'],
    ['a bucket with capitals', 's3://Old_Bucket/x', PLAIN, 'Old_Bucket', 'x'],
    ['the bucket in the path', 'https://s3.example.org/bucket/a%20b/%C3%A4', PLAIN, 'bucket', 'a b/ä'],
    ['an s3 URL that names the server', 's3://S3.example.org/bucket/a%20b', PLAIN, 'bucket', 'a%20b'],
    ['one with its usual port', 's3://s3.example.org:443/bucket/x', PLAIN, 'bucket', 'x'],
    ['one with a port of its own', 's3://127.0.0.1:9000/bucket/x', 'http://127.0.0.1:9000', 'bucket', 'x'],
    ['one below a path', 's3://data.example.org/s3/bucket/x', 'https://data.example.org/s3/', 'bucket', 'x'],
    ['the bucket in the host name', 'https://bucket.s3.example.org/a%20b', PLAIN, 'bucket', 'a b'],
    ['a bucket with dots in the host name', 'https://my.bucket.s3.example.org/x', PLAIN, 'my.bucket', 'x'],
    ['a server below a path', 'https://data.example.org/s3/bucket/x', 'https://data.example.org/s3/', 'bucket', 'x'],
    ['a server with a port', 'http://127.0.0.1:9000/bucket/x', 'http://127.0.0.1:9000', 'bucket', 'x'],
    [
      'another name of a region of AWS',
      'https://bucket.s3.dualstack.eu-central-1.amazonaws.com/x',
      'https://s3.eu-central-1.amazonaws.com',
      'bucket',
      'x',
    ],
  ])('is read from %s', (_what, url, endpoint, bucket, key) => {
    expect(addressOf(url, endpoint)).toEqual({ bucket, key })
  })

  it.each([
    ['a version', 's3://bucket/a?versionId=1', PLAIN],
    ['a bucket with a port', 's3://bucket:9000/a', PLAIN],
    ['an s3 URL of the server alone', 's3://s3.example.org/', PLAIN],
    ['a fragment', 's3://bucket/a#b', PLAIN],
    ['no bucket', 's3:///a', PLAIN],
    ['a link', 'https://s3.example.org/bucket/x?X-Amz-Signature=0', PLAIN],
    ['another server', 'https://s3.other.org/bucket/x', PLAIN],
    ['another scheme', 'http://s3.example.org/bucket/x', PLAIN],
    ['another port', 'https://s3.example.org:8443/bucket/x', PLAIN],
    ['a host that only ends alike', 'https://evil-s3.example.org/bucket/x', PLAIN],
    ['what lies beside the path of the server', 'https://data.example.org/other/bucket/x', 'https://data.example.org/s3/'],
    ['the server alone', 'https://s3.example.org/', PLAIN],
    ['a path that is not UTF-8', 'https://s3.example.org/bucket/%FF', PLAIN],
    ['a path', '/bucket/x', PLAIN],
  ])('is not read from %s', (_what, url, endpoint) => {
    expect(addressOf(url, endpoint)).toBeUndefined()
  })
})
