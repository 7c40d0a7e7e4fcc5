// lichen wait

import { list, value } from '../cli/flags.js'
import { writeOut } from '../cli/output.js'
import { parseCondition } from '../cli/values/condition.js'
import { parseInterval } from '../cli/values/duration.js'
import { BaseCommand } from './base-command.js'

export default class Wait extends BaseCommand {
  static override summary = 'Wait until containers end and print their exit codes'
  static override description =
    'Waits until each container reaches a condition (to end, unless said otherwise), then prints its exit code, one a line.'
  static override usage = '[options] CONTAINER [CONTAINER...]'
  static override examples = ['lichen wait job1 job2', 'lichen wait --condition running web']
  static override aliases = ['container:wait']
  static override flags = {
    condition: list('State to wait for: created, initialized, running, exited or stopped', parseCondition, {
      commas: true,
    }),
    interval: value('How often to look', parseInterval, {
      char: 'i',
      type: 'duration',
      default: 250,
      defaultHelp: '250ms',
    }),
  }
  static override group = 'Containers' as const
  static override arity = { min: 1, max: Infinity, of: 'container' }

  override async run(): Promise<void> {
    const { flags, argv } = await this.parse(Wait)
    const { waitForContainer } = await import('../engine/wait.js')
    const engine = await this.openEngine()
    const options = { conditions: flags.condition, intervalMs: flags.interval }
    for (const name of argv as string[]) writeOut(`${await waitForContainer(engine, name, options)}\n`)
  }
}
