/**
 * Each id has its own type, so that a site's id cannot be passed for a task's. At run time all are plain strings.
 */
declare const brand: unique symbol
type Id<Name extends string> = string & { readonly [brand]: Name }

/** A task or a run of the broker. Only `[A-Za-z0-9_-]`, sorts by creation. */
export type WorkId = Id<'WorkId'>
/** The form of every id of a task or run that a broker gives out. */
export const WORK_ID = /^[0-9A-Z]{26}$/
/** One try of a work item at one site. */
export type AttemptId = Id<'AttemptId'>
export type SiteId = Id<'SiteId'>
export type LocationId = Id<'LocationId'>
export type ProjectId = Id<'ProjectId'>
/** The id that a site gave to a task of ours. */
export type SiteTaskId = Id<'SiteTaskId'>

/** Orders ids by their code units, the same on every machine. */
export function compareIds(a: string, b: string): number {
  if (a === b) return 0
  return a < b ? -1 : 1
}
