import { describe, expect, it } from 'vitest'
import { toMonitorError, toRuntimeError } from '../../../src/runtime/monitor-error.js'

const logged = (msg: string) => `{"msg":"noise","level":"debug"}\n${JSON.stringify({ msg, level: 'error' })}\n`

describe('toRuntimeError', () => {
  it.each([
    ['executable file `nosuch` not found in $PATH: No such file or directory', 127],
    ['executable file `/nosuch` not found: No such file or directory', 127],
    ['exec: No such file or directory', 127],
    ['runc create failed: unable to start container process: exec: "nosuch": executable file not found in $PATH', 127],
    [
      'runc create failed: unable to start container process: exec: "/nosuch": stat /nosuch: no such file or directory',
      127,
    ],
    ['open executable: Permission denied', 126],
    ['open executable: Operation not permitted', 126],
    ['exec: Exec format error', 126],
    ['runc create failed: unable to start container process: exec: "/etc/hosts": permission denied', 126],
    ['cannot stat `/nosuch`: No such file or directory', 125],
    ['mount `proc` to `proc`: Operation not permitted', 125],
    ['setrlimit `RLIMIT_NOFILE`: Operation not permitted', 125],
  ])('gives "%s" the exit code %i', (message, exitCode) => {
    expect(toRuntimeError(logged(message), 'cmd').exitCode).toBe(exitCode)
  })

  it('names the command that was not found', () => {
    expect(toRuntimeError(logged('executable file `nosuch` not found in $PATH'), 'nosuch').message).toBe(
      'run command: nosuch: not found in the container',
    )
  })

  it('takes plain words when the log is not JSON', () => {
    expect(toRuntimeError('runtime: exit 1', 'cmd').message).toBe('run OCI runtime: runtime: exit 1')
    expect(toRuntimeError('runtime: not found', 'cmd').hint).toMatch(/apt-get install crun/)
  })

  it('knows which quota a keyring exceeds', () => {
    const error = toRuntimeError(logged('create keyring `0123`: Disk quota exceeded'), 'cmd')
    expect(error.hint).toMatch(/kernel\.keys\.maxkeys/)
  })
})

describe('toMonitorError', () => {
  it('names the step and hints at what to look at', () => {
    const error = toMonitorError(Buffer.from('userns\0newuidmap: exit 1\n'), 'cmd')
    expect(error.message).toBe('start container: userns: newuidmap: exit 1')
    expect(error.hint).toMatch(/subuid/)
  })
})
