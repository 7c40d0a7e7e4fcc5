// lichen rmi

import { forEachName } from '../cli/each.js'
import { toggle } from '../cli/flags.js'
import { writeOut } from '../cli/output.js'
import { UsageError } from '../model/errors.js'
import { BaseCommand } from './base-command.js'

export default class Rmi extends BaseCommand {
  static override summary = 'Remove one or more images'
  static override description =
    'Takes a name from an image; with its last name, or when named by ID, the image goes, and with it the layers nobody else uses.\nAn image that containers use stays, unless --force removes those, too.'
  static override usage = '[options] IMAGE [IMAGE...]'
  static override examples = ['lichen rmi alpine:3.20', 'lichen rmi --all']
  static override aliases = ['image:rm']
  static override hiddenAliases = ['image:remove']
  static override flags = {
    all: toggle('Every image', { char: 'a' }),
    force: toggle('Remove containers that use the image, too; an image that does not exist is no error', { char: 'f' }),
    ignore: toggle('An image that does not exist is no error', { char: 'i' }),
  }
  static override group = 'Images' as const
  static override arity = { min: 0, max: Infinity, of: 'image' }

  override async run(): Promise<number> {
    const { flags, argv } = await this.parse(Rmi)
    if (flags.all === argv.length > 0)
      throw new UsageError(
        flags.all ? 'when using --all, no image may be named' : 'name at least one image, or use --all',
      )
    const { removeImage } = await import('../engine/rmi.js')
    const { listImages } = await import('../engine/images.js')
    const engine = await this.openEngine()
    const names = flags.all ? listImages(engine).map(({ image }) => image.id) : (argv as string[])
    return forEachName(
      names,
      { ...this.errorContext, missingExitCode: 1, ignoreMissing: flags.ignore || flags.force, quiet: true },
      async (name) => {
        const { untagged, deleted } = await removeImage(engine, name, { force: flags.force, allNames: flags.all })
        for (const untaggedName of untagged) writeOut(`Untagged: ${untaggedName}\n`)
        for (const id of deleted) writeOut(`Deleted: ${id}\n`)
      },
    )
  }
}
