// lichen system prune

import { confirm } from '../../cli/confirm.js'
import { list, toggle } from '../../cli/flags.js'
import { writeOut } from '../../cli/output.js'
import { imageFilterParser } from '../../cli/values/image-filter.js'
import { BaseCommand } from '../base-command.js'

export default class SystemPrune extends BaseCommand {
  static override summary = 'Remove everything that is not used'
  static override description =
    'Removes containers that do not run, images without a name, and what interrupted commands have left behind; with --all every image without a container, with --volumes every volume without one.\nWorks on a full disk.'
  static override usage = '[options]'
  static override examples = [
    'lichen system prune --dry-run',
    'lichen system prune --all --volumes --force',
    'lichen system prune --filter until=24h',
  ]
  static override flags = {
    all: toggle('Every image without a container, not only those without a name', { char: 'a' }),
    'dry-run': toggle('Only say what would go, and how much that is', { char: 'n' }),
    filter: list(
      'Only what matches: until=TIME (made before it), label=NAME[=VALUE], label!=NAME[=VALUE]',
      imageFilterParser(['until', 'label']),
    ),
    force: toggle('Do not ask', { char: 'f' }),
    volumes: toggle('Volumes that no container uses, too'),
  }
  static override group = 'System' as const

  override async run(): Promise<void> {
    const { flags } = await this.parse(SystemPrune)
    const { pruneText, pruneWarning } = await import('../../cli/views/system-prune.js')
    const dryRun = flags['dry-run']
    if (!dryRun && !flags.force && !confirm(pruneWarning(flags))) return
    const { pruneStore } = await import('../../engine/system-prune.js')
    const { all, volumes, filter: filters } = flags
    const pruned = await pruneStore(await this.openEngine(), { all, volumes, filters, dryRun })
    this.showWarnings(pruned.warnings)
    writeOut(pruneText(pruned, { dryRun }))
  }
}
