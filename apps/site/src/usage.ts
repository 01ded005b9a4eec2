/** What `--help` prints. */
export const USAGE = `usage: portolan site --id ID (--token-ref REF | --open) [more]

A REF is env:NAME or file:PATH, never the secret itself.

  --id ID                 letters, digits, "_" and "-"
  --token-ref REF         the token that requests must carry
  --open                  no token; on loopback only
  --host HOST             where it listens; default: 127.0.0.1
  --port N                default: a free port
  --public-url URL        what others call it
  --work DIR              its tasks and its access log; default: data/site-ID
  --data DIR              the folder that its data server serves; default: no data server
  --reader ID=REF         who may read and write the data folder; repeat it
  --public /PREFIX/       a part of the data folder that everybody may read; repeat it
  --fetch ORIGIN[=REF]    another data server, with our token there; repeat it
  --s3 ORIGIN=REF         an S3 server, with the site's own key there as ACCESS_KEY:SECRET_KEY; repeat it
  --bucket NAME=ORIGIN    a bucket of such a server, for tasks to read and write; repeat it
  --s3-region REGION      the region of these servers; default: us-east-1
  --file-root DIR         tasks may name files below it; repeat it
  --runner NAME           auto, podman, docker, bwrap or process; default: auto
  --rootfs IMAGE=DIR      the unpacked root of an image, for bwrap; repeat it
  --network               executors get the network
  --allow-root            plain processes may run as root
  --slots N               tasks at a time; default: the cores of this machine
  --name NAME             for people; default: the id
  --country CODE          two letters, shown in service-info and in the logs of tasks
  --hold-create-ms A-B    for tests: holds the answer to a create back for a time between the two
  --help                  shows this
`
