/**
 * How the garbage collector of this process is set, before it has made up its mind.
 *
 * While 32 clients create tasks, a scavenge took 10 ms, three times a second, and every poll that came meanwhile waited for it: nearly all that a
 * request had allocated was still held, though nobody used it. Objects of the old generation held it that were dead themselves, and such a chain is
 * cut by a whole collection alone. Two things made the chains, and both are avoided:
 * - V8 watches which objects outlive a scavenge, and allocates their like in the old generation from then on. After one burst that were the closures
 *   and literals of every request, each of which points to its request. Switched off here; nothing else in the broker gains by it.
 * - A `Map` or `Set` that many entries pass through makes a new table every few of them, and each old table keeps the next with all that stood in it.
 *   So what waits for the writer stands in a line (`stores/sqlite/waiting-line.ts`), and a request in progress in a field (`api/drain.ts`).
 * With both a scavenge takes 2 ms. `pnpm bench --only writers` shows it.
 */
import { setFlagsFromString } from 'node:v8'

/** For the whole process, worker threads too. Call before the first request. */
export function setCollector(): void {
  setFlagsFromString('--no-allocation-site-pretenuring')
}
