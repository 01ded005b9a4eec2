/** Does the site admit the images of the task? */
import { listSome } from '../format.ts'
import type { Check } from './check.ts'
import { closedCheck } from './declared.ts'

export const imageNotAllowed: Check = {
  code: 'IMAGE_NOT_ALLOWED',
  requires: 'Every image matches a pattern of the site.',
  check: ({ at, facts }) => {
    const bad = facts.imagesDenied[at.imageRule]
    if (bad === undefined || bad.length === 0) return undefined
    const allowed = listSome(at.site.policy.images?.allow ?? []) || 'no image'
    return {
      code: 'IMAGE_NOT_ALLOWED',
      detail: `${at.site.name} allows ${allowed}, not ${listSome(bad.map(image => image.full))}`,
      fix: 'Use an image that the site allows, or ask its operator to add yours.',
    }
  },
}

export const imageNotPinned: Check = {
  code: 'IMAGE_NOT_PINNED',
  requires: 'Where the site asks for it, every image is named by digest.',
  check: ({ at, facts }) => {
    if (at.site.policy.images?.digest !== 'required') return undefined
    if (facts.images.every(image => image.pinned)) return undefined
    const bad = facts.images.filter(image => !image.pinned)
    return {
      code: 'IMAGE_NOT_PINNED',
      detail: `${at.site.name} takes images by digest only, not ${listSome(bad.map(image => image.full))}`,
      fix: 'Name the image as name@sha256:DIGEST.',
    }
  },
}

export const baseImageNotAllowed = closedCheck('BASE_IMAGE_NOT_ALLOWED', 'Every image is built on a base that the site allows.')
export const imageUnsigned = closedCheck('IMAGE_UNSIGNED', 'Every image is signed as the site asks.')
