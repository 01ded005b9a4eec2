import type { HeadObjectCommandOutput } from '@aws-sdk/client-s3'
import { describe, expect, it } from 'vitest'
import { factsOf, pageOf, spanOf } from './s3-facts.ts'

const MD5 = '5eb63bbbe01eeed093cb22bb8f5acdc3'
const said = (more: object): HeadObjectCommandOutput => ({ $metadata: {}, ContentLength: 11, ETag: `"${MD5}"`, ...more })
const digests = (more: object) => factsOf('s3://b/a', said(more))?.digests
const version = { type: 'etag', checksum: MD5 }

describe('the digests of an object in S3', () => {
  it.each([
    ['the tag of what was written at once is its MD5', {}, [{ type: 'md5', checksum: MD5 }]],
    ['also where the server codes it by a key of its own', { ServerSideEncryption: 'AES256' }, [{ type: 'md5', checksum: MD5 }]],
    ['not where it is coded by a key of somebody else', { ServerSideEncryption: 'aws:kms' }, [version]],
    ['not where it is coded by a key of the customer', { SSECustomerAlgorithm: 'AES256' }, [version]],
    ['not where it came in parts', { PartsCount: 2 }, [version]],
    ['not where the tag counts parts', { ETag: `"${MD5}-2"` }, [{ type: 'etag', checksum: `${MD5}-2` }]],
    ['not where the tag is no MD5', { ETag: '"v1"' }, [{ type: 'etag', checksum: 'v1' }]],
    ['there are none without a tag', { ETag: undefined }, []],
    [
      'a sum of the whole counts, in hexadecimal digits',
      { ETag: '"v1"', ChecksumCRC32: 'DUoRhQ==', ChecksumType: 'FULL_OBJECT' },
      [{ type: 'crc32', checksum: '0d4a1185' }],
    ],
    [
      'also of one that came in parts',
      { PartsCount: 2, ChecksumCRC64NVME: 'AAAAAAAAAAE=', ChecksumType: 'FULL_OBJECT' },
      [{ type: 'crc64nvme', checksum: '0000000000000001' }],
    ],
    [
      'a sum of sums of parts is none',
      { ETag: '"v1"', ChecksumSHA256: 'AAAA', ChecksumType: 'COMPOSITE' },
      [{ type: 'etag', checksum: 'v1' }],
    ],
    ['nor is one of parts that does not say so', { ETag: `"${MD5}-2"`, ChecksumSHA256: 'AAAA' }, [{ type: 'etag', checksum: `${MD5}-2` }]],
  ])('%s', (_what, more, expected) => {
    expect(digests(more)).toEqual(expected)
  })

  it('come with size, version and time; without a size nothing is known', () => {
    expect(factsOf('s3://b/a', said({ LastModified: new Date(5) }))).toMatchObject({ bytes: 11, etag: `"${MD5}"`, modifiedAt: 5 })
    expect(factsOf('s3://b/a', said({ ContentLength: undefined }))).toBeUndefined()
  })
})

describe('the bytes that an answer holds', () => {
  it.each([
    ['all of them', { ContentLength: 7 }, { from: 0, length: 7, total: 7 }],
    ['a part', { ContentLength: 3, ContentRange: 'bytes 2-4/7' }, { from: 2, length: 3, total: 7 }],
    ['a part of an unknown whole', { ContentLength: 3, ContentRange: 'bytes 2-4/*' }, undefined],
    ['as many as come', {}, undefined],
  ])('are %s', (_what, answer, expected) => {
    expect(spanOf(answer)).toEqual(expected)
  })
})

describe('a page of a list', () => {
  const urlOf = (key: string): string | undefined => (key.startsWith('dir/') ? `s3://b/${key}` : undefined)

  it('holds what was asked for, and says where it ends', () => {
    const listed = [
      { Key: 'dir/', Size: 0 },
      { Key: 'dir/a', Size: 1, ETag: '"v"' },
      { Key: 'dir/sub/', Size: 2 },
      { Key: 'elsewhere', Size: 3 },
      { Key: 'dir/z' },
      { Key: 'dir/zz', Size: 4 },
    ]
    expect(pageOf(listed, true, urlOf)).toEqual({
      objects: [
        { url: 's3://b/dir/a', bytes: 1, etag: '"v"', digests: [{ type: 'etag', checksum: 'v' }] },
        { url: 's3://b/dir/sub/', bytes: 2, digests: [] },
        { url: 's3://b/dir/zz', bytes: 4, digests: [] },
      ],
      next: 'dir/zz',
    })
    expect(pageOf(listed, false, urlOf)).not.toHaveProperty('next')
  })

  it('does not go on outside of what was asked for', () => {
    expect(pageOf([{ Key: 'elsewhere', Size: 3 }], true, urlOf)).toEqual({ objects: [] })
  })
})
