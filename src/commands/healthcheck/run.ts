// lichen healthcheck run

import { toggle } from '../../cli/flags.js'
import { writeOut } from '../../cli/output.js'
import { BaseCommand } from '../base-command.js'

export default class HealthcheckRun extends BaseCommand {
  static override summary = "Run a container's health check now"
  static override description =
    'Ends with 0 when the check passed and with 1 when it failed, which is then also printed. The result counts like those of the schedule.'
  static override usage = '[options] CONTAINER'
  static override examples = ['lichen healthcheck run web']
  static override flags = {
    'ignore-result': toggle('End with 0 whatever the check says'),
  }
  static override group = 'Containers' as const
  static override arity = { min: 1, max: 1, of: 'container' }

  override async run(): Promise<number> {
    const { flags, argv } = await this.parse(HealthcheckRun)
    const { runHealthCheck } = await import('../../engine/healthcheck.js')
    const { isPassed, status } = await runHealthCheck(await this.openEngine(), argv[0] as string)
    if (!isPassed) writeOut(`${status}\n`)
    return isPassed || flags['ignore-result'] ? 0 : 1
  }
}
