// lichen stats

import { asInt, asText, toggle, value } from '../cli/flags.js'
import { isJson } from '../cli/format.js'
import { writeOut } from '../cli/output.js'
import { latestFlag } from '../cli/target-flags.js'
import { statsText } from '../cli/views/stats.js'
import { UsageError } from '../model/errors.js'
import type { ContainerStats } from '../model/stats.js'
import { BaseCommand } from './base-command.js'

/** Home, and away with everything below. */
const CLEAR_SCREEN = '\u001b[2J\u001b[H'
const DEFAULT_INTERVAL_S = 5

export default class Stats extends BaseCommand {
  static override summary = 'Show what containers use of the machine'
  static override description =
    'Shows processor, memory, network, block devices and processes of running containers, again every few seconds.\nWithout a control group that counts it, what the living processes use is added up.'
  static override usage = '[options] [CONTAINER...]'
  static override examples = [
    'lichen stats',
    'lichen stats --no-stream web db',
    'lichen stats --no-stream --format json',
  ]
  static override aliases = ['container:stats']
  static override flags = {
    all: toggle('Every container, not only those that run', { char: 'a' }),
    format: value('"json", "table TEMPLATE" or a Go template', asText),
    interval: value('Seconds from one to the next', asInt, { char: 'i', type: 'int', default: DEFAULT_INTERVAL_S }),
    ...latestFlag,
    'no-reset': toggle('Do not clear the screen in between'),
    'no-stream': toggle('Show them once'),
    'no-trunc': toggle('Show IDs in full'),
  }
  static override group = 'Containers' as const
  static override arity = { min: 0, max: Infinity, of: 'container' }

  override async run(): Promise<void> {
    const { flags, argv } = await this.parse(Stats)
    const names = argv as string[]
    if ([flags.all, flags.latest, names.length > 0].filter(Boolean).length > 1)
      throw new UsageError('--all, --latest and containers cannot be used together')
    if (flags.interval < 1) throw new UsageError('invalid interval, must be a positive number greater zero')
    const { readStats } = await import('../engine/stats.js')
    const engine = await this.openEngine()
    const chosen = flags.latest ? [await this.target(engine, [], true)] : names
    const interval = flags['no-stream'] ? {} : { intervalMs: flags.interval * 1000 }
    const clear =
      !flags['no-stream'] && !flags['no-reset'] && !isJson(flags.format) && process.stdout.isTTY ? CLEAR_SCREEN : ''
    let isNoted = false
    for await (const stats of readStats(engine, { names: chosen, all: flags.all, ...interval })) {
      if (!isNoted && stats.some(({ isCounted }) => !isCounted)) isNoted = this.noteUncounted(stats)
      if (!writeOut(clear + statsText(stats, flags))) return // the reader is gone
    }
  }

  private noteUncounted(stats: readonly ContainerStats[]): true {
    const names = stats.filter(({ isCounted }) => !isCounted).map(({ name }) => name)
    this.showWarnings([
      `no control group counts memory, block devices or processes of ${names.join(', ')}: shown is what the processes there are use`,
    ])
    return true
  }
}
