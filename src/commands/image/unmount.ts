// lichen image unmount

import { toggle } from '../../cli/flags.js'
import { writeOut } from '../../cli/output.js'
import { UsageError } from '../../model/errors.js'
import { BaseCommand } from '../base-command.js'

export default class ImageUnmount extends BaseCommand {
  static override summary = 'Unmount images'
  static override description =
    'Unmounts what `image mount` mounted. An image that is not mounted is no error; the IDs of the others are printed.'
  static override usage = '[options] IMAGE [IMAGE...]'
  static override examples = ['lichen image unmount alpine', 'lichen image unmount --all']
  static override aliases = ['image:umount']
  static override flags = {
    all: toggle('Every mounted image', { char: 'a' }),
    force: toggle('Also while somebody works in it: it goes when they leave', { char: 'f' }),
  }
  static override group = 'Images' as const
  static override arity = { min: 0, max: Infinity, of: 'image' }

  override async run(): Promise<void> {
    const { flags, argv } = await this.parse(ImageUnmount)
    const names = argv as string[]
    if (flags.all === names.length > 0)
      throw new UsageError(
        flags.all ? 'when using --all, no image may be named' : 'name at least one image, or use --all',
      )
    const { unmountImages } = await import('../../engine/image-mount.js')
    const ids = await unmountImages(await this.openEngine(), flags.all ? 'all' : names, { force: flags.force })
    writeOut(ids.map((id) => `${id}\n`).join(''))
  }
}
