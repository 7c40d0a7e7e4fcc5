// lichen wait

import { list, toggle, value } from '../cli/flags.js'
import { writeOut } from '../cli/output.js'
import { latestFlag } from '../cli/target-flags.js'
import { CONDITION_WORDS, parseCondition } from '../cli/values/condition.js'
import { parseInterval } from '../cli/values/duration.js'
import { BaseCommand } from './base-command.js'

export default class Wait extends BaseCommand {
  static override summary = 'Wait until containers end and print their exit codes'
  static override description =
    'Waits until each container reaches a condition (to end, unless said otherwise), then prints its exit code, one a line: -1 where there is none.'
  static override usage = '[options] CONTAINER [CONTAINER...]'
  static override examples = [
    'lichen wait job1 job2',
    'lichen wait --condition healthy web',
    'lichen wait --exit-first-match job1 job2',
  ]
  static override aliases = ['container:wait']
  static override flags = {
    condition: list(`State to wait for: ${CONDITION_WORDS.join(', ')}`, parseCondition, { commas: true }),
    'exit-first-match': toggle('Until the first of them', { aliases: ['return-on-first'] }),
    ignore: toggle('A container that does not exist counts as ended with -1'),
    interval: value('How often to look', parseInterval, {
      char: 'i',
      type: 'duration',
      default: 250,
      defaultHelp: '250ms',
    }),
    ...latestFlag,
  }
  static override group = 'Containers' as const
  static override arity = { min: 0, max: Infinity, of: 'container' }

  override async run(): Promise<void> {
    const { flags, argv } = await this.parse(Wait)
    const { waitForContainers } = await import('../engine/wait.js')
    const engine = await this.openEngine()
    const names = argv as string[]
    const found = await this.targets(engine, names, flags)
    const options = {
      conditions: flags.condition,
      intervalMs: flags.interval,
      onlyFirst: flags['exit-first-match'],
      isMissingEnough: found.length < names.length,
    }
    const ids = found.map(({ id }) => id)
    for await (const code of waitForContainers(engine, ids, options)) writeOut(`${code}\n`)
    if (!options.onlyFirst) for (let at = found.length; at < names.length; at++) writeOut('-1\n')
  }
}
