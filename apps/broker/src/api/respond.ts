/**
 * Answers that are not JSON.
 */
import type { Response } from 'express'

export function sendText(response: Response, text: string, type = 'text/plain; charset=utf-8'): void {
  response.setHeader('Content-Type', type)
  response.end(text)
}
