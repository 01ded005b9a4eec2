import { describe, expect, it } from 'vitest'
import { isPinned, matchImage, parseImage } from './match.ts'

const digest = `sha256:${'0a'.repeat(32)}`

describe('images', () => {
  it.each([
    ['ubuntu', 'docker.io/library/ubuntu'],
    ['ubuntu:24.04', 'docker.io/library/ubuntu:24.04'],
    ['library/ubuntu', 'docker.io/library/ubuntu'],
    ['user/app', 'docker.io/user/app'],
    ['docker://user/app:1', 'docker.io/user/app:1'],
    ['docker.io/ubuntu', 'docker.io/library/ubuntu'],
    ['index.docker.io/user/app', 'docker.io/user/app'],
    ['Quay.io/biocontainers/samtools:1.20', 'quay.io/biocontainers/samtools:1.20'],
    ['localhost:5000/app', 'localhost:5000/app'],
    ['localhost/app', 'localhost/app'],
    ['/images/app.sif', '/images/app.sif'],
  ])('%s is %s', (image, full) => {
    expect(parseImage(image).full).toBe(full)
  })

  it('an image is pinned only by a whole digest', () => {
    expect(isPinned(`ubuntu@${digest}`)).toBe(true)
    expect(isPinned(`ubuntu:24.04@${digest}`)).toBe(true)
    expect(isPinned('ubuntu:24.04')).toBe(false)
    expect(isPinned('ubuntu@sha256:abc')).toBe(false)
    expect(isPinned(`ubuntu@${digest}0`)).toBe(false)
  })

  it.each([
    ['quay.io/biocontainers/*', 'quay.io/biocontainers/samtools', true],
    ['quay.io/biocontainers/*', `quay.io/biocontainers/samtools:1.20@${digest}`, true],
    ['quay.io/biocontainers/*', 'quay.io/biocontainers/evil/samtools', false],
    ['quay.io/biocontainers/*', 'quay.io/biocontainers-evil/samtools', false],
    ['quay.io/biocontainers/*', 'evil.org/quay.io/biocontainers/samtools', false],
    ['quay.io/**', 'quay.io/a/b/c:1', true],
    ['ubuntu', 'docker.io/library/ubuntu:24.04', true],
    ['ubuntu', 'ubuntu-evil', false],
    ['ubuntu:24.04', 'ubuntu:24.04', true],
    ['ubuntu:24.04', 'ubuntu:22.04', false],
    ['ubuntu:24.04', `ubuntu:24.04@${digest}`, false],
    ['ubuntu:24.*', `ubuntu:24.04@${digest}`, false],
    ['ubuntu:24.04@*', `ubuntu:24.04@${digest}`, true],
    ['quayXio/a', 'quay.io/a', false],
    ['quay.io/a', 'quayXio/a', false],
    ['*', 'anything/at:all', true],
  ])('pattern %s and image %s: %s', (pattern, image, expected) => {
    expect(matchImage(pattern, image)).toBe(expected)
  })
})
