// Where a container's output goes: what is said, what that becomes, and what the monitor is told.

import { describe, expect, test } from 'vitest'
import { logFlags, toLogRequest } from '../../../src/cli/create-flags/log.js'
import { type FlagDefinitions, parseWords } from '../../../src/cli/flag-values.js'
import { planLog } from '../../../src/engine/plan-log.js'
import { logWords } from '../../../src/runtime/words-log.js'
import { basePlan, baseRequest } from '../../support/plans.js'

async function planOf(words: string, tty = false) {
  const { flags } = await parseWords(words === '' ? [] : words.split(' '), logFlags as FlagDefinitions, true)
  return planLog({ ...baseRequest, tty, ...toLogRequest(flags as never) }, '/home/me')
}
const place = {
  id: 'abcdef0123456789',
  name: 'web',
  dir: '/c/web',
  runDir: '/c/web/runs/1',
  cgroup: { resources: {}, groups1: [] },
}
const wordsOf = async (words: string) => logWords({ ...basePlan, ...(await planOf(words)) }, place)

describe('planLog', () => {
  test('keeps three files of ten megabytes when nothing is said', async () => {
    expect(await planOf('')).toEqual({ log: { driver: 'k8s-file', maxSizeBytes: 10 << 20, maxFiles: 3, tag: '' } })
  })
  test('takes every option of a file', async () => {
    expect(await planOf('--log-driver json-file --log-opt path=l --log-opt max-size=1k --log-opt max-file=9')).toEqual({
      log: { driver: 'json-file', path: '/home/me/l', maxSizeBytes: 1024, maxFiles: 9, tag: '' },
    })
    expect((await planOf('--log-opt max-size=-1')).log.maxSizeBytes).toBe(0)
  })
  test.each([
    ['--log-driver foo', 'invalid log driver'],
    ['--log-opt foo=bar', 'unknown log option "foo"'],
    ['--log-opt max-size', 'the form is NAME=VALUE'],
    ['--log-opt max-size=xx', "invalid size: 'xx'"],
    ['--log-opt max-file=0', 'max-file is a number from 1 to 1000'],
    ['--log-opt path=', 'the path is empty'],
    ['--log-opt tag={{.Foo}}', 'a tag may hold'],
    ['--log-driver none --log-opt max-size=1m', 'not for none'],
    ['--log-driver journald --log-opt path=/x', 'not for journald'],
  ])('refuses %s', async (words, message) => {
    await expect(planOf(words)).rejects.toThrow(message)
  })
  test('refuses to hand our own terminal on where the container gets one', async () => {
    await expect(planOf('--log-driver passthrough', true)).rejects.toThrow('passthrough')
  })
})

describe('logWords', () => {
  test('says where each driver puts the output', async () => {
    expect(await wordsOf('')).toEqual(['log=/c/web/ctr.log', 'log_max_size=10485760', 'log_max_files=3'])
    expect(await wordsOf('--log-driver none')).toEqual(['log='])
    expect(await wordsOf('--log-driver passthrough')).toEqual(['log=', 'stdio_fds=1'])
  })
  test("fills a journal's fields and its tag", async () => {
    const words = await wordsOf('--log-driver journald --log-opt tag={{.Name}}/{{.ID}}')
    expect(words).toContain('journal=/run/systemd/journal/socket')
    expect(words).toContain('journal_field=CONTAINER_ID_FULL=abcdef0123456789')
    expect(words).toContain('journal_field=SYSLOG_IDENTIFIER=web/abcdef012345')
    expect((await wordsOf('--log-driver journald')).join()).toContain('SYSLOG_IDENTIFIER=web')
  })
})
