import { InvalidArgumentError, Option } from 'commander'
import { parseWhole } from '../settings.ts'

const MOST_AT_ONCE = 32

/** `--parallel`, of every command that moves files. */
export function parallelOption(): Option {
  return new Option('--parallel <number>', 'parts at once').default(4).argParser(text => {
    const value = parseWhole(text)
    if (value > MOST_AT_ONCE) throw new InvalidArgumentError(`Give at most ${MOST_AT_ONCE}.`)
    return value
  })
}
