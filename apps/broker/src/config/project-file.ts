/**
 * A project as an operator declares it: who works, where, and where results go.
 */
import * as z from 'zod'
import { Day, Identifier, listOfAdmitted, Positive, PositiveInt, PrefixUrl } from './fields.ts'

const strings = z.array(z.string().min(1))

export const ProjectFile = z
  .strictObject({
    id: Identifier.describe('The name of the project in the tag `portolan_project`.'),
    name: z.string().min(1).optional().describe('The name for people. Default: the id.'),
    members: strings.default([]).describe('`sub@iss`, entitlements (also `… and its subgroups`) or groups of those who work in it.'),
    contact: z
      .string()
      .min(1)
      .max(200)
      .optional()
      .describe('Whom to ask about joining, such as a mail address or a page. People who are in no project are shown it.'),
    reviewers: strings.default([]).describe('Entitlements or `sub@iss` of those who review results.'),
    sites: listOfAdmitted(
      Identifier,
      'leave the key out to let it use every site that admits it, name one, or write frozen: true to start nothing',
    )
      .optional()
      .describe('Sites that it may use; absent: every site that admits it. Never empty.'),
    quota: z
      .strictObject({
        cpuHours: Positive.optional().describe('CPU hours in all.'),
        queued: PositiveInt.optional().describe('Most tasks that wait or run at sites at one time; further ones wait in the broker.'),
      })
      .optional()
      .describe('What it may use up.'),
    results: PrefixUrl.optional().describe(
      'Where its results go: an output whose URL is a bare name, such as `report.html`, goes to a folder of the task below it.',
    ),
    uploads: PrefixUrl.optional().describe('Where its members put inputs of their own, each below a folder of theirs.'),
    visibility: z.enum(['owner', 'project']).default('owner').describe('Who sees a task: its owner, or every member.'),
    until: Day.optional().describe('Its last day, UTC.'),
    frozen: z.boolean().optional().describe('Nothing starts while this is true.'),
  })
  .describe('A project.')
export type ProjectFile = z.infer<typeof ProjectFile>
