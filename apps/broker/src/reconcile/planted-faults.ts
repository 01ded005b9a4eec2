/**
 * Faults that the harness of kills plants to prove that it finds them. They come in only through this object, given by the caller of
 * `startBroker()` in the same process; no configuration and no environment reaches them.
 */
import type { AttemptEvent } from '@portolan/federation'

export interface PlantedFaults {
  /** The intent is written only when the site has answered. */
  readonly intentAfterPost?: boolean | undefined
  /** A submission in doubt counts as surely not sent: it is sent again without looking whether the site has it. */
  readonly resendWithoutLooking?: boolean | undefined
}

/** An event as it is recorded; `at`: the time of a doubt that is taken for surely not sent. */
export function mistakeDoubt({ resendWithoutLooking }: PlantedFaults, event: AttemptEvent, at: number): AttemptEvent {
  return resendWithoutLooking && event.kind === 'doubt' ? { kind: 'reject', at, rejection: 'unsent', detail: event.detail } : event
}
