// lichen manifest annotate

import { entryFlags, toEntryChange } from '../../cli/entry-flags.js'
import { toggle } from '../../cli/flags.js'
import { onlySaid } from '../../cli/only-said.js'
import { writeOut } from '../../cli/output.js'
import { UsageError } from '../../model/errors.js'
import { BaseCommand } from '../base-command.js'

export default class ManifestAnnotate extends BaseCommand {
  static override summary = 'Change what a list says about an image'
  static override description =
    'Changes the platform and adds annotations of one image of a list, by its digest or the name it was added under; with --index those of the list itself. Prints the ID of the list.'
  static override usage = '[options] LIST IMAGE'
  static override examples = [
    'lichen manifest annotate --arch arm64 --variant v8 app:1 app:1-arm64',
    'lichen manifest annotate --index --annotation org.opencontainers.image.version=1 app:1',
  ]
  static override flags = {
    ...entryFlags,
    index: toggle('Annotate the list itself', {
      exclusive: ['arch', 'features', 'os', 'os-features', 'os-version', 'variant'],
    }),
  }
  static override group = 'Images' as const
  static override arity = { min: 1, max: 2, of: 'argument' }

  override async run(): Promise<void> {
    const { flags, argv } = await this.parse(ManifestAnnotate)
    const [name = '', image] = argv as string[]
    if (flags.index === (image !== undefined))
      throw new UsageError(flags.index ? 'with --index no image is named' : 'name the image, by its digest')
    const { annotateManifest } = await import('../../engine/manifest-change.js')
    const request = { change: toEntryChange(flags) ?? {}, ...onlySaid({ image }) }
    writeOut(`${await annotateManifest(await this.openEngine(), name, request)}\n`)
  }
}
