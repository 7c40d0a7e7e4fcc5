// lichen manifest add

import { entryFlags, toEntryChange } from '../../cli/entry-flags.js'
import { toggle } from '../../cli/flags.js'
import { onlySaid } from '../../cli/only-said.js'
import { writeOut } from '../../cli/output.js'
import { registryFlags, toRegistryOptions } from '../../cli/registry-flags.js'
import { BaseCommand } from '../base-command.js'

export default class ManifestAdd extends BaseCommand {
  static override summary = 'Add an image to a list'
  static override description =
    'Adds images to a list: local ones, by name or ID, or those of a registry (docker://REFERENCE), which stay there until the list is pushed.\nAn image is there once: added again, it is what the flags say now. Prints the ID of the list.'
  static override usage = '[options] LIST IMAGE [IMAGE...]'
  static override examples = [
    'lichen manifest add app:1 app:1-arm64',
    'lichen manifest add --all app:1 docker://registry.example.com/other:1',
    'lichen manifest add --arch arm64 --variant v8 app:1 docker://registry.example.com/app:1-arm',
  ]
  static override flags = {
    ...registryFlags,
    ...entryFlags,
    all: toggle('Of an IMAGE that is a list, add every image instead of the one for this host'),
  }
  static override group = 'Images' as const
  static override arity = { min: 2, max: Infinity, of: 'argument' }

  override async run(): Promise<void> {
    const { flags, argv } = await this.parse(ManifestAdd)
    const { addToList } = await import('../../engine/manifest-create.js')
    const [name = '', ...images] = argv as string[]
    const change = toEntryChange(flags)
    const request = { images, all: flags.all, registry: toRegistryOptions(flags), ...onlySaid({ change }) }
    writeOut(`${await addToList(await this.openEngine(), name, request)}\n`)
  }
}
