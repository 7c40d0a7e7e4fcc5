// lichen volume prune

import { confirm } from '../../cli/confirm.js'
import { list, toggle } from '../../cli/flags.js'
import { writeErr, writeOut } from '../../cli/output.js'
import { parseVolumeFilter, VOLUME_FILTERS } from '../../cli/values/volume-filter.js'
import { prunedVolumesText, pruneVolumesWarning } from '../../cli/views/pruned-volumes.js'
import { BaseCommand } from '../base-command.js'

export default class VolumePrune extends BaseCommand {
  static override summary = 'Remove volumes that no container uses'
  static override description =
    'Removes the anonymous volumes that no container uses, or with --all the named ones as well. Prints their names; how much is free again goes to standard error.'
  static override usage = '[options]'
  static override examples = [
    'lichen volume prune',
    'lichen volume prune --all --dry-run',
    'lichen volume prune -af --filter until=240h --filter label!=keep',
  ]
  static override flags = {
    all: toggle('Named volumes, too', { char: 'a' }),
    'dry-run': toggle('Remove nothing, say what would go'),
    filter: list(`Only volumes with KEY=VALUE; keys: ${VOLUME_FILTERS.join(', ')}, label!`, parseVolumeFilter),
    force: toggle('Do not ask', { char: 'f' }),
  }
  static override group = 'Containers' as const

  override async run(): Promise<void> {
    const { flags } = await this.parse(VolumePrune)
    const { pruneVolumesAlone } = await import('../../engine/prune-volumes.js')
    const engine = await this.openEngine()
    const { all, filter: filters, 'dry-run': dryRun } = flags
    if (!flags.force && !dryRun) {
      const { ids } = await pruneVolumesAlone(engine, { all, filters, dryRun: true })
      const warning = pruneVolumesWarning(ids, all)
      if (ids.length === 0) return void writeOut(`WARNING! ${warning}\nNo dangling volumes found\n`)
      if (!confirm(warning)) return
    }
    const pruned = await pruneVolumesAlone(engine, { all, filters, dryRun })
    if (pruned.warning !== undefined) this.showWarnings([pruned.warning])
    const { names, note } = prunedVolumesText(pruned, dryRun)
    writeOut(names)
    writeErr(note)
  }
}
