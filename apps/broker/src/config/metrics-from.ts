/**
 * Who may read the figures unless the file says it. A public URL that is no loopback address means that a proxy stands before the broker, and one on the
 * same machine that adds no header looks like somebody who sits at it: then nobody may.
 */
import { isLoopback } from './loopback.ts'

const THIS_MACHINE = ['127.0.0.0/8', '::1']

export function defaultMetricsFrom(publicUrl: string | undefined): readonly string[] {
  return isBehindProxy(publicUrl) ? [] : THIS_MACHINE
}

export function isBehindProxy(publicUrl: string | undefined): publicUrl is string {
  return publicUrl !== undefined && !isLoopback(new URL(publicUrl).hostname)
}
