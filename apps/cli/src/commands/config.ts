import { Command } from 'commander'
import { EXIT } from '../exit-codes.ts'
import type { Output } from '../output/output.ts'
import type { Session } from '../session.ts'
import type { MakeCommand } from './command.ts'

export const makeConfig: MakeCommand = run => {
  const check = new Command('check')
    .description('Name every mistake in a configuration of the broker, with file, line and fix. Secrets it refers to must be there.')
    .argument('[file]', 'default: PORTOLAN_CONFIG, else what the broker does without a file')
    .action((file: string | undefined) => run(check, session => checkConfig(file, session)))
  const schema = new Command('schema').description('Print the JSON Schema of the configuration.').action(() =>
    run(schema, async ({ output }) => {
      const { configJsonSchema } = await loadBrokerConfig()
      output.document(configJsonSchema())
      return EXIT.done
    }),
  )
  return new Command('config').description('Look at the configuration of a broker.').addCommand(check).addCommand(schema)
}

/** Only here, since it brings all the schemas of the broker. */
function loadBrokerConfig() {
  return import('@portolan/broker/config')
}

async function checkConfig(file: string | undefined, { output, env, cwd }: Session) {
  const { loadConfig, formatProblem, formatWarning } = await loadBrokerConfig()
  const loaded = await loadConfig({ file, env, cwd })
  const problems = loaded.kind === 'problems' ? loaded.problems : []
  if (output.json) output.document({ good: problems.length === 0, problems, warnings: loaded.warnings })
  else {
    output.print(loaded.warnings.map(warning => [{ text: 'warning: ', style: 'yellow' }, formatWarning(warning)]))
    if (problems.length > 0 && loaded.warnings.length > 0) output.print([['']])
    output.print(problems.map(problem => [formatProblem(problem)]))
    if (loaded.kind === 'config') praise(output, loaded)
    else output.note(`${count(problems.length, 'mistake')}; the broker does not start with it`)
  }
  return problems.length === 0 ? EXIT.done : EXIT.misused
}

function praise(output: Output, config: { readonly file?: string | undefined } & Readonly<Record<Parts, readonly unknown[]>>): void {
  const parts = PARTS.map(part => count(config[part].length, part.slice(0, -1))).join(', ')
  output.print([[`${config.file ?? 'The defaults'}: good; ${parts}`]])
}

const PARTS = ['sites', 'locations', 'projects'] as const
type Parts = (typeof PARTS)[number]

function count(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? '' : 's'}`
}
