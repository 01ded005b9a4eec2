/**
 * The rows of S3: the same must hold of every server.
 */
import { CreateBucketCommand } from '@aws-sdk/client-s3'
import type { Row } from './row.ts'
import { runStores } from './run-stores.ts'
import { makeKey, type S3Part } from './s3-server.ts'
import { checkSignatures, connectS3 } from './s3-signatures.ts'
import { checkStaging } from './s3-staging.ts'

const BUCKET = 'genomes'

export function s3Row(part: S3Part): Row {
  return {
    name: part.name,
    shows: `${part.name} opens to our keys and links and to nothing else, the broker's store keeps its contract there, and a site takes inputs from it and stores outputs there`,
    needs: part.needs,
    limitSeconds: part.limitSeconds,
    async run(stage) {
      const key = makeKey(part.name)
      await using server = await part.start(stage, key)
      const { origin, virtualOrigin } = server
      const client = connectS3(origin, key)
      await client.send(new CreateBucketCommand({ Bucket: BUCKET }))
      client.destroy()
      stage.say(`${part.name} listens on ${origin}`)
      await checkSignatures(origin, key, BUCKET)
      stage.say('keys and links open what they are for, and nothing else')
      const passed = await runStores(stage, { name: part.name, origin, virtualOrigin, bucket: BUCKET, key })
      stage.say(`the broker's store of S3 locations: ${passed} tests of its contract`)
      await checkStaging(stage, { origin, key, bucket: BUCKET })
      stage.say('a site has taken a file and a directory, and stored a file, a directory and a large file in parts')
    },
  }
}
