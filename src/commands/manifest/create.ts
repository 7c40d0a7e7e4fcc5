// lichen manifest create

import { list, toggle } from '../../cli/flags.js'
import { writeOut } from '../../cli/output.js'
import { connectionFlags, toRegistryOptions } from '../../cli/registry-flags.js'
import { parseAnnotation } from '../../cli/values/annotation.js'
import { BaseCommand } from '../base-command.js'

export default class ManifestCreate extends BaseCommand {
  static override summary = 'Make a list of images for several platforms'
  static override description =
    'Makes a list, with the IMAGEs in it: local ones, or those of a registry (docker://REFERENCE), which stay there until the list is pushed.\nPrints the ID of the list.'
  static override usage = '[options] LIST [IMAGE...]'
  static override examples = [
    'lichen manifest create app:1 app:1-amd64 app:1-arm64',
    'lichen manifest create --all mirror docker://alpine',
  ]
  static override flags = {
    ...connectionFlags,
    all: toggle('Of an IMAGE that is a list, add every image instead of the one for this host'),
    amend: toggle('Add to the list if there is one of that name', { char: 'a' }),
    annotation: list('Say KEY=VALUE of the list', parseAnnotation),
  }
  static override group = 'Images' as const
  static override arity = { min: 1, max: Infinity, of: 'argument' }

  override async run(): Promise<void> {
    const { flags, argv } = await this.parse(ManifestCreate)
    const { createManifestList } = await import('../../engine/manifest-create.js')
    const [name = '', ...images] = argv as string[]
    const { all, amend } = flags
    const annotations = Object.fromEntries(flags.annotation)
    const request = { name, images, all, amend, annotations, registry: toRegistryOptions(flags) }
    writeOut(`${await createManifestList(await this.openEngine(), request)}\n`)
  }
}
