// lichen container prune

import { confirm } from '../../cli/confirm.js'
import { list, toggle } from '../../cli/flags.js'
import { writeOut } from '../../cli/output.js'
import { imageFilterParser } from '../../cli/values/image-filter.js'
import { BaseCommand } from '../base-command.js'

export default class ContainerPrune extends BaseCommand {
  static override summary = 'Remove every container that does not run'
  static override description =
    'Removes containers that were created or have ended, and prints their IDs. Volumes stay.'
  static override usage = '[options]'
  static override examples = ['lichen container prune', 'lichen container prune --force --filter until=24h']
  static override flags = {
    'dry-run': toggle('Remove nothing, say what would go'),
    filter: list(
      'Only containers made before until=TIME (or so long ago), or with label[!]=KEY[=VALUE]',
      imageFilterParser(['until', 'label']),
    ),
    force: toggle('Do not ask', { char: 'f' }),
  }
  static override group = 'Containers' as const

  override async run(): Promise<void> {
    const { flags } = await this.parse(ContainerPrune)
    const dryRun = flags['dry-run']
    if (!flags.force && !dryRun && !confirm('This will remove all non running containers.')) return
    const { pruneStopped } = await import('../../engine/prune-containers.js')
    const ids = await pruneStopped(await this.openEngine(), { filters: flags.filter, dryRun })
    writeOut(ids.map((id) => `${id}\n`).join(''))
  }
}
