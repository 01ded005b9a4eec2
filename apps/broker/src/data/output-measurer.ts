/**
 * The port that measures what a task has left: asked once an end is sure, before it is shown. It asks the stores of declared locations alone, and only
 * for what the task itself has declared as output: what a site merely claims is never looked at elsewhere.
 *
 * Crash: nothing is kept; who asks again gets a new answer. Two callers: answers may differ in time.
 */
import type { MeasuredOutputs, OutputExpectation } from '@portolan/federation'

export interface OutputMeasurer {
  /**
   * Answers within `withinMs`; what is not known by then is left out and named in the warnings. Rejects only when the signal ends it.
   */
  measure(expected: OutputExpectation, withinMs: number, signal: AbortSignal): Promise<MeasuredOutputs>
}
