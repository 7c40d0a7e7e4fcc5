// lichen commit

import { asText, list, toggle, value } from '../cli/flags.js'
import { onlySaid } from '../cli/only-said.js'
import { writeOut } from '../cli/output.js'
import { mergeChanges, parseChange } from '../cli/values/change.js'
import { BaseCommand } from './base-command.js'

export default class Commit extends BaseCommand {
  static override summary = 'Make an image from a container'
  static override description =
    "Makes an image of a container's image with what the container changed as one more layer, and with the container's command, environment,\nuser and labels. Prints its ID. What is mounted into the container is not in the image."
  static override usage = '[options] CONTAINER [IMAGE]'
  static override examples = [
    'lichen commit web my/web',
    "lichen commit --change 'CMD [\"sh\"]' --author 'me <me@example.org>' web my/web:2",
  ]
  static override aliases = ['container:commit']
  static override flags = {
    author: value('Author of the image', asText, { char: 'a' }),
    change: list(
      "Set the image's CMD, ENTRYPOINT, ENV, EXPOSE, LABEL, ONBUILD, STOPSIGNAL, USER, VOLUME or WORKDIR, as in a Dockerfile",
      parseChange,
      { char: 'c' },
    ),
    format: value('Format of its documents: oci, v2s2 (docker)', asText, {
      char: 'f',
      default: 'oci',
      choices: ['oci', 'v2s2', 'docker'],
    }),
    iidfile: value('Write the ID to this file', asText, { type: 'file' }),
    'include-volumes': toggle("The container's volumes become volumes of the image"),
    message: value("Comment in the image's history", asText, { char: 'm' }),
    'no-pause': toggle('Let its processes go on meanwhile, like --pause=false'),
    pause: toggle('Stop its processes meanwhile, where it has a control group of its own', {
      char: 'p',
      default: true,
    }),
    quiet: toggle('Print no warnings', { char: 'q' }),
    squash: toggle('One layer, with everything in it', { char: 's' }),
  }
  static override group = 'Containers' as const
  static override arity = { min: 1, max: 2, of: 'argument' }

  override async run(): Promise<void> {
    const { flags, argv } = await this.parse(Commit)
    const { commitContainer } = await import('../engine/commit.js')
    const [container = '', image] = argv as string[]
    const { squash } = flags
    const { id, warnings } = await commitContainer(await this.openEngine(), {
      container,
      changes: mergeChanges(flags.change),
      includeVolumes: flags['include-volumes'],
      format: flags.format === 'oci' ? 'oci' : 'docker',
      pause: flags.pause && !flags['no-pause'],
      squash,
      ...onlySaid({ image, author: flags.author, message: flags.message, iidFile: flags.iidfile }),
    })
    if (!flags.quiet) this.showWarnings(warnings)
    writeOut(`${id}\n`)
  }
}
