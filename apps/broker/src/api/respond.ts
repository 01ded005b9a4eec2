/**
 * Writing answers. By hand instead of with `res.json()`: bodies are JSON text already, and the length is known.
 */
import type { ServerResponse } from 'node:http'

export function sendJson(response: ServerResponse, status: number, text: string): void {
  send(response, status, 'application/json; charset=utf-8', text)
}

export function sendText(response: ServerResponse, text: string, type = 'text/plain; charset=utf-8'): void {
  send(response, 200, type, text)
}

function send(response: ServerResponse, status: number, type: string, text: string): void {
  response.writeHead(status, { 'Content-Type': type, 'Content-Length': Buffer.byteLength(text) })
  response.end(text)
}
