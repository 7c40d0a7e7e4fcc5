// lichen image prune

import { confirm } from '../../cli/confirm.js'
import { list, toggle } from '../../cli/flags.js'
import { writeErr, writeOut } from '../../cli/output.js'
import { imageFilterParser } from '../../cli/values/image-filter.js'
import { prunedImagesText } from '../../cli/views/pruned-images.js'
import { BaseCommand } from '../base-command.js'

const FILTERS = ['until', 'label']

export default class ImagePrune extends BaseCommand {
  static override summary = 'Remove images nobody uses'
  static override description =
    'Removes the images without a name, or with --all every image that no container was made from, and all that only they needed.\nPrints their IDs; how much is free again goes to standard error.'
  static override usage = '[options]'
  static override examples = [
    'lichen image prune',
    'lichen image prune --all --dry-run',
    'lichen image prune -af --filter until=240h --filter label!=keep',
  ]
  static override flags = {
    all: toggle('Every image no container was made from, not only those without a name', { char: 'a' }),
    'dry-run': toggle('Remove nothing, say what would go'),
    filter: list(
      'Only images made before until=TIME (or so long ago), or with label[!]=KEY[=VALUE]',
      imageFilterParser(FILTERS),
    ),
    force: toggle('Do not ask', { char: 'f' }),
  }
  static override group = 'Images' as const

  override async run(): Promise<void> {
    const { flags } = await this.parse(ImagePrune)
    const which = flags.all ? 'images without at least one container associated with them' : 'dangling images'
    if (!flags.force && !flags['dry-run'] && !confirm(`This command removes all ${which}.`)) return
    const { pruneImages } = await import('../../engine/image-prune.js')
    const request = { all: flags.all, filters: flags.filter, dryRun: flags['dry-run'] }
    const { ids, note } = prunedImagesText(await pruneImages(await this.openEngine(), request), flags['dry-run'])
    writeOut(ids)
    writeErr(note)
  }
}
