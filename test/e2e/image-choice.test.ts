// Which image a container is made from: the pull policy and the platform, asked of a store that has one image of this host's kind; and how
// often a registry that does not answer is asked.

import { expect } from 'vitest'
import { lichenTest, test } from '../support/container-test.js'
import { serve } from '../support/web-server.js'

test('create takes the image that is here, if it is of the platform that was asked for', async ({ lichen }) => {
  const { Os, Architecture } = JSON.parse(await lichen.ok('image', 'inspect', 'box'))[0] as Record<string, string>
  for (const flags of [
    ['--pull', 'missing'],
    ['--pull=never'],
    ['--os', `${Os}`],
    ['--arch', `${Architecture}`],
    ['--platform', `${Os}/${Architecture}`],
  ])
    expect([flags, (await lichen('create', '--pull', 'never', ...flags, 'box', 'true')).code]).toEqual([flags, 0])
  await lichen.ok('rm', '--all')

  for (const flags of [
    ['--os', 'windows'],
    ['--arch', 's390x'],
    ['--platform', 'linux/s390x'],
    ['--platform', `${Os}/${Architecture}`, '--arch', `${Architecture}`],
    ['--pull', 'sometimes'],
    ['--pull'],
  ]) {
    const result = await lichen('create', '--pull', 'never', ...flags, 'box', 'true')
    expect([flags, result.code, result.stdout]).toEqual([flags, 125, ''])
  }
  expect(await lichen.ok('ps', '--all', '--quiet')).toBe('')
})

lichenTest(
  'create asks a registry again as often as --retry says, and waits as --retry-delay says',
  async ({ bare }) => {
    const registry = await serve((_, response) => void response.writeHead(503).end())
    const manifestRequests = () => registry.requests.filter((request) => request.includes('/manifests/')).length
    for (const [tries, flags] of [
      [1, ['--retry', '0']],
      [3, ['--retry', '2', '--retry-delay', '10ms']],
    ] as const) {
      const before = manifestRequests()
      const result = await bare('create', ...flags, '--tls-verify=false', `${registry.host}/app:v1`, 'true')
      expect([result.code, manifestRequests() - before]).toEqual([125, tries])
    }
  },
)
