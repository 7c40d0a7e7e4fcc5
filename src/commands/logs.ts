// lichen logs

import { asInt, toggle, value } from '../cli/flags.js'
import { onlySaid } from '../cli/only-said.js'
import { checkTargets, latestFlag } from '../cli/target-flags.js'
import { parseTime, parseUntil } from '../cli/values/time.js'
import { BaseCommand } from './base-command.js'

export default class Logs extends BaseCommand {
  static override summary = 'Show the logs of one or more containers'
  static override description =
    'Prints what containers wrote, standard error on standard error. With several containers, lines are ordered by time.'
  static override usage = '[options] CONTAINER [CONTAINER...]'
  static override examples = ['lichen logs --follow web', 'lichen logs --since 10m --tail 100 web']
  static override aliases = ['container:logs']
  static override flags = {
    color: toggle('Print each container in a colour of its own'),
    follow: toggle('Go on with what is written from now on', { char: 'f' }),
    ...latestFlag,
    names: toggle('Of several containers, say the name and not the ID', { char: 'n' }),
    since: value('Only lines after this time: 10m (ago), 2026-01-31T12:00:00Z or Unix seconds', parseTime, {
      type: 'time',
    }),
    tail: value('Only the last lines; -1 for all', asInt, { type: 'int', default: -1 }),
    timestamps: toggle('Begin each line with its time', { char: 't' }),
    until: value('Only lines before this time: 10m (from now), or a time as for --since', parseUntil, { type: 'time' }),
  }
  static override group = 'Containers' as const
  static override arity = { min: 0, max: Infinity, of: 'container' }

  override async run(): Promise<void> {
    const { flags, argv } = await this.parse(Logs)
    const { readLogs } = await import('../engine/logs.js')
    checkTargets(argv as string[], flags)
    const tail = flags.tail < 0 ? undefined : flags.tail
    const request = { follow: flags.follow, ...onlySaid({ sinceMs: flags.since, untilMs: flags.until, tail }) }
    const { showLogs } = await import('../cli/views/logs.js')
    const engine = await this.openEngine()
    const names = flags.latest ? [await this.target(engine, [], true)] : (argv as string[])
    await showLogs(readLogs(engine, names, request), flags, names.length)
  }
}
