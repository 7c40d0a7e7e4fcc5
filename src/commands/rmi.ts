// lichen rmi

import { forEachName } from '../cli/each.js'
import { toggle } from '../cli/flags.js'
import { writeOut } from '../cli/output.js'
import { UsageError } from '../model/errors.js'
import { BaseCommand } from './base-command.js'

export default class Rmi extends BaseCommand {
  static override summary = 'Remove one or more images'
  static override description =
    'Takes a name from an image; with its last name, or when named by ID, the image goes, and with it the layers nobody else uses.\nImages without a name that it was made from, and nothing else was, go with it. An image that containers use or that is mounted stays, unless\n--force.'
  static override usage = '[options] IMAGE [IMAGE...]'
  static override examples = ['lichen rmi alpine:3.20', 'lichen rmi --all']
  static override aliases = ['image:rm']
  static override hiddenAliases = ['image:remove']
  static override flags = {
    all: toggle('Every image', { char: 'a' }),
    force: toggle(
      'Remove containers that use the image, too, and unmount it; an image that does not exist is no error',
      { char: 'f' },
    ),
    ignore: toggle('An image that does not exist is no error', { char: 'i' }),
    'no-prune': toggle('Keep images without a name that it was made from'),
  }
  static override group = 'Images' as const
  static override arity = { min: 0, max: Infinity, of: 'image' }

  override async run(): Promise<number> {
    const { flags, argv } = await this.parse(Rmi)
    if (flags.all === argv.length > 0)
      throw new UsageError(
        flags.all ? 'when using --all, no image may be named' : 'name at least one image, or use --all',
      )
    const { listRemovable, removeImage } = await import('../engine/rmi.js')
    const engine = await this.openEngine()
    const names = flags.all ? listRemovable(engine) : (argv as string[])
    const gone: string[] = []
    return forEachName(
      names,
      { ...this.errorContext, missingExitCode: 1, ignoreMissing: flags.ignore || flags.force, quiet: true },
      async (name) => {
        // `rmi $(images -q)`: an earlier one has taken this one, which it was made from, with it
        if (gone.some((id) => id.startsWith(name))) return
        const options = { force: flags.force, allNames: flags.all, keepParents: flags['no-prune'] }
        const { untagged, deleted } = await removeImage(engine, name, options)
        gone.push(...deleted)
        for (const untaggedName of untagged) writeOut(`Untagged: ${untaggedName}\n`)
        for (const id of deleted) writeOut(`Deleted: ${id}\n`)
      },
    )
  }
}
