// lichen system check

import { toggle, value } from '../../cli/flags.js'
import { writeOut } from '../../cli/output.js'
import { connectionFlags, toRegistryOptions } from '../../cli/registry-flags.js'
import { parseDuration } from '../../cli/values/duration.js'
import { findingText, summaryText } from '../../cli/views/system-check.js'
import { BaseCommand } from '../base-command.js'

const DAY_MS = 24 * 3_600_000

export default class SystemCheck extends BaseCommand {
  static override summary = 'Check the store for damage, and repair it'
  static override description =
    'Compares every blob with its digest and every unpacked layer with its blob, reads every record, and looks for what nobody refers to. Prints a line for each problem; exits with 1 when one is left.\n--repair fetches or unpacks again what is bad, and only that; damaged records are set aside, never removed.'
  static override usage = '[options]'
  static override examples = ['lichen system check --quick', 'lichen system check --repair']
  static override flags = {
    ...connectionFlags,
    force: toggle('With --repair: remove images that cannot be mended, and the containers made from them', {
      char: 'f',
    }),
    max: value('While something is being loaded, leave alone what nobody refers to and is younger', parseDuration, {
      char: 'm',
      type: 'duration',
      defaultHelp: '24h',
    }),
    quick: toggle('Leave out what takes long: no digests of layers, no trees', { char: 'q' }),
    repair: toggle('Mend what can be mended', { char: 'r' }),
  }
  static override group = 'System' as const

  override async run(): Promise<number> {
    const { flags } = await this.parse(SystemCheck)
    const { checkStore } = await import('../../engine/system-check.js')
    const { quick, repair, force } = flags
    const request = { quick, repair, force, maxAgeMs: flags.max ?? DAY_MS, registry: toRegistryOptions(flags) }
    const summary = await checkStore(await this.openEngine(), request, (finding) => void writeOut(findingText(finding)))
    writeOut(summaryText(summary, flags))
    return summary.findings === summary.repaired ? 0 : 1
  }
}
