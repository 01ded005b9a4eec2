/**
 * Mounts as lines for rclone, a shell and systemd. No key stands in them: rclone takes the person's own from where programs of AWS do. Pure.
 */
import { join } from 'node:path'
import type { Mount, Remote } from './plan-mounts.ts'
import { quoteForShell, quoteForUnit } from './quote.ts'

export interface ShownMount {
  readonly location: string
  /** Of the folder at its store. */
  readonly url: string
  readonly remote: Readonly<Record<string, string | boolean | number>>
  /** Where it is mounted. */
  readonly folder: string
  readonly command: string
  readonly unit: { readonly name: string; readonly text: string }
}

/** `folder`: absolute; several mounts lie in folders of their own below it. */
export function showMounts(task: string, mounts: readonly Mount[], folder: string): readonly ShownMount[] {
  return mounts.map(mount => {
    const { location, bucket, remote } = mount
    const isOneOfSeveral = mounts.filter(other => other.location === location).length > 1
    const names = isOneOfSeveral ? [location, bucket] : [location]
    const place = mounts.length > 1 ? join(folder, ...names) : folder
    const path = [bucket, mount.folder].filter(Boolean).join('/')
    const args = ['rclone', 'mount', '--read-only', `${remote.name}:${path}`, place]
    return {
      location,
      url: `s3://${path}/`,
      remote: settingsOf(remote),
      folder: place,
      command: `mkdir -p ${quoteForShell(place)} && ${args.map(quotePlainly).join(' ')}`,
      unit: { name: `${['portolan', task, ...names].join('-')}.service`, text: writeUnit(task, mount, args, place) },
    }
  })
}

/** The lines to copy, each kind below what to do with it. */
export function writeMounts(task: string, mounts: readonly ShownMount[]): string {
  const remotes = new Map(mounts.map(({ remote }) => [remote.name, remote]))
  return [
    `# What the task ${task} has left, to be read only. No key stands here: rclone takes yours from`,
    '# AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or from ~/.aws/credentials.',
    '',
    '# 1. For the settings of rclone; rclone config file says where they lie:',
    ...[...remotes.values()].flatMap(writeRemote),
    '',
    '# 2. To have it now, until Ctrl-C:',
    ...mounts.map(({ command }) => command),
    ...mounts.flatMap(({ unit }) => [
      '',
      `# 3. To have it whenever you are logged in: ~/.config/systemd/user/${unit.name}, then`,
      `# systemctl --user enable --now ${unit.name}`,
      unit.text.trimEnd(),
    ]),
    '',
  ].join('\n')
}

function settingsOf({ name, endpoint, region, forcePathStyle }: Remote): ShownMount['remote'] {
  // Of itself rclone asks a server of a kind that it does not know for lists of the first kind, which the broker asks of none.
  return { name, type: 's3', provider: 'Other', env_auth: true, endpoint, region, force_path_style: forcePathStyle, list_version: 2 }
}

function writeRemote({ name, ...settings }: ShownMount['remote']): readonly string[] {
  return [`[${name}]`, ...Object.entries(settings).map(([key, value]) => `${key} = ${value}`)]
}

/** Words that need no quotes have none. */
function quotePlainly(text: string): string {
  return /^[\w-]+$/.test(text) ? text : quoteForShell(text)
}

function writeUnit(task: string, { location, remote }: Mount, args: readonly string[], place: string): string {
  // The manager of a user's units has a path of its own.
  const run = (words: readonly string[]): string => `/usr/bin/env ${words.map(quoteForUnit).join(' ')}`
  return [
    '[Unit]',
    `Description=What the task ${task} has left at ${location}`,
    '',
    '[Service]',
    'Type=notify',
    `# AWS_ACCESS_KEY_ID=… and AWS_SECRET_ACCESS_KEY=…, where ~/.aws/credentials has none:`,
    `EnvironmentFile=-%h/.config/rclone/${remote.name}.env`,
    `ExecStartPre=${run(['mkdir', '-p', place])}`,
    `ExecStart=${run(args)}`,
    'Restart=on-failure',
    'RestartSec=10',
    '',
    '[Install]',
    'WantedBy=default.target',
    '',
  ].join('\n')
}
