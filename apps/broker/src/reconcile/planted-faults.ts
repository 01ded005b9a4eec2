/**
 * Faults that the harness of kills plants to prove that it finds them. They come in only through this object, given by the caller of
 * `startBroker()` in the same process; no configuration and no environment reaches them.
 */
export interface PlantedFaults {
  /** The intent is written only when the site has answered. */
  readonly intentAfterPost?: boolean | undefined
  /** A submission in doubt counts as surely not sent: it is sent again without looking whether the site has it. */
  readonly resendWithoutLooking?: boolean | undefined
}
