// lichen image mount

import { asText, toggle, value } from '../../cli/flags.js'
import { writeOut } from '../../cli/output.js'
import { UsageError } from '../../model/errors.js'
import { BaseCommand } from '../base-command.js'

export default class ImageMount extends BaseCommand {
  static override summary = "Show an image's files at a path"
  static override description =
    'Mounts images read-only and prints where; without an image lists what is mounted. Not root? Then inside `lichen unshare` only, and\nthe mounts end with it.'
  static override usage = '[options] [IMAGE...]'
  static override examples = [
    'lichen unshare sh -c \'ls "$(lichen image mount alpine)"\'',
    'lichen image mount --format json',
  ]
  static override flags = {
    all: toggle('Every image', { char: 'a' }),
    format: value('"json"', asText),
  }
  static override group = 'Images' as const
  static override arity = { min: 0, max: Infinity, of: 'image' }

  override async run(): Promise<void> {
    const { flags, argv } = await this.parse(ImageMount)
    const names = argv as string[]
    if (flags.all && names.length > 0) throw new UsageError('when using --all, no image may be named')
    const { listMountedImages, mountImages } = await import('../../engine/image-mount.js')
    const { mountedImagesText } = await import('../../cli/views/image-mounts.js')
    const engine = await this.openEngine()
    const isList = !flags.all && names.length === 0
    const mounted = isList ? listMountedImages(engine) : await mountImages(engine, flags.all ? 'all' : names)
    writeOut(mountedImagesText(mounted, { format: flags.format, only: names.length === 1 }))
  }
}
