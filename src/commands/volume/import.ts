// lichen volume import

import { BaseCommand } from '../base-command.js'

export default class VolumeImport extends BaseCommand {
  static override summary = 'Put the files of a tar archive into a volume'
  static override description =
    'Unpacks an archive (a file, or - for standard input; plain, or compressed with gzip or zstd) into a volume that is there, with owners, modes, attributes and hard links. Files of the same name are replaced, others stay. Nothing in the archive can reach outside the volume.'
  static override usage = 'VOLUME FILE|-'
  static override examples = [
    'lichen volume import data data.tar.gz',
    'ssh host lichen volume export data | lichen volume import data -',
  ]
  static override group = 'Containers' as const
  static override arity = { min: 2, max: 2, of: 'argument' }

  override async run(): Promise<void> {
    const { argv } = await this.parse(VolumeImport)
    const { importVolume } = await import('../../engine/volume-archive.js')
    const [volume = '', source = ''] = argv as string[]
    await importVolume(await this.openEngine(), volume, source)
  }
}
