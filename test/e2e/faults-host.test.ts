// Hosts that lack something: subordinate ids, newuidmap, an OCI runtime, disk space, a runtime directory, a home, open streams, a plain
// path. Containers run all the same where they can; else there is one clear line with a hint, and nothing is left.

import { execFileSync } from 'node:child_process'
import { mkdirSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from 'vitest'
import { lichenTest, rootTest } from '../support/container-test.js'
import { findProgram, isLichen, isRoot } from '../support/facts.js'
import { imagePath } from '../support/images.js'
import { type Lichen, openLichen } from '../support/lichen.js'
import { runProcess } from '../support/process.js'

const user = process.env.LICHEN_TEST_USER ?? 'lichen-dev'
const ERROR_AND_HINT = /^Error: [^\n]+\nHint: [^\n]+\n$/

rootTest.skipIf(!isLichen)('containers with any one user run when only the caller is mapped', async ({ bare }) => {
  const directory = join(bare.directory, 'user')
  mkdirSync(directory)
  execFileSync('chown', [`${user}:`, directory])
  const asUser = [
    'setpriv',
    '--reuid',
    user,
    '--regid',
    user,
    '--init-groups',
    'env',
    `HOME=${directory}`,
    'XDG_RUNTIME_DIR=',
  ]
  const argv = withoutPrograms(bare, ['newuidmap'], [...asUser, ...openLichen(directory).argv])
  const alone = (...words: string[]) => runProcess([...argv, ...words])
  const imported = await alone('import', '--change', 'USER=1000', imagePath('box.tar'), 'own')
  expect(imported).toMatchObject({
    code: 0,
    stderr: expect.stringMatching(/^Warning: newuidmap is not installed: [^\n]+\n$/),
  })
  const show = ['sh', '-c', 'id -u; id -g; touch /tmp/file; stat -c %u /tmp/file /home']
  const ran = (stdout: string) => ({ code: 0, stdout, stderr: '' })
  expect(await alone('run', '--rm', 'own', ...show)).toMatchObject(ran('1000\n1000\n1000\n1000\n'))
  expect(await alone('run', '--rm', '-u', '0', 'own', ...show)).toMatchObject(ran('0\n0\n0\n0\n'))
  expect((await alone('run', '-d', '--name', 'c', 'own', 'sleep', '60')).code).toBe(0)
  expect(await alone('exec', 'c', 'id', '-u')).toMatchObject(ran('1000\n'))
  expect(await alone('rm', '-f', '-t', '0', 'c')).toMatchObject(ran('c\n'))
})

rootTest.skipIf(!isLichen)(
  'run says how to get a runtime when there is none, and ps works without',
  async ({ lichen }) => {
    const argv = withoutPrograms(lichen, ['crun', 'runc'], lichen.argv)
    const without = (...words: string[]) => runProcess([...argv, ...words])
    const { code, stderr } = await without('run', '--name', 'c', 'box', 'true')
    expect({ code, stderr }).toEqual({ code: 125, stderr: expect.stringMatching(ERROR_AND_HINT) })
    expect(stderr).toMatch(/crun.*not installed\nHint: .*install crun/)
    expect(await without('ps', '-aq')).toMatchObject({ code: 0, stdout: '' })
  },
)

rootTest.skipIf(!isLichen || findProgram('runc') === undefined)(
  'run takes runc when crun is missing',
  async ({ lichen }) => {
    const argv = withoutPrograms(lichen, ['crun'], lichen.argv)
    expect(await runProcess([...argv, 'run', '--rm', 'box', 'echo', 'well'])).toMatchObject({
      code: 0,
      stdout: 'well\n',
    })
  },
)

lichenTest('a command says which directory is the trouble when the store cannot be there', async ({ bare }) => {
  writeFileSync(join(bare.directory, 'file'), '')
  const program = bare.argv.slice(0, bare.argv.indexOf('--root'))
  for (const root of ['/proc/lichen', join(bare.directory, 'file'), join(bare.directory, 'file/below')]) {
    const { code, stderr } = await runProcess([...program, '--root', root, 'ps'])
    expect({ code, stderr }).toEqual({ code: 125, stderr: expect.stringMatching(ERROR_AND_HINT) })
    expect(stderr).toContain(`${root}: `)
  }
})

lichenTest('a container runs when there is no runtime directory but a home', async ({ bare }) => {
  const program = bare.argv.slice(0, bare.argv.indexOf('--root'))
  // what su leaves: a variable that names another user's directory
  const env = {
    HOME: bare.directory,
    XDG_RUNTIME_DIR: isRoot ? '/proc/none' : '/root/run',
    XDG_DATA_HOME: undefined,
  }
  const call = (...words: string[]) => runProcess([...program, ...words], { env })
  const root = join(bare.directory, '.local/share/lichen')
  const runRoot = ['--runroot', bare.runRoot]
  expect(await call(...runRoot, 'import', imagePath('box.tar'), 'box')).toMatchObject({ code: 0, stderr: '' })
  expect(await call(...runRoot, 'run', '--rm', 'box', 'echo', 'well')).toMatchObject({ code: 0, stdout: 'well\n' })
  expect((await call(...runRoot, 'info', '--format', '{{.Store.GraphRoot}}')).stdout).toBe(`${root}\n`)
  await bare('unshare', 'rm', '-rf', root)
})

lichenTest('a container has default signals and every exit code when ours were ignored', async ({ lichen }) => {
  const words = ['run', '--rm', 'box', 'sh', '-c', 'grep -E "SigIgn|SigBlk" /proc/self/status; yes | head -n1; exit 4']
  const ignoring = ['sh', '-c', 'trap "" PIPE CHLD HUP INT TERM; exec "$@"', 'sh', ...lichen.argv, ...words]
  const { code, stdout } = await runProcess(ignoring)
  expect({ code, masks: stdout.replaceAll(/[\t 0]/g, '') }).toEqual({ code: 4, masks: 'SigBlk:\nSigIgn:\ny\n' })
})

lichenTest('commands do their work when standard streams are closed', async ({ lichen }) => {
  const close = (redirection: string, ...words: string[]) =>
    runProcess(['sh', '-c', `"$@" ${redirection}`, 'sh', ...lichen.argv, ...words])
  expect(await close('<&-', 'run', '--rm', '-i', 'box', 'sh', '-c', 'cat; echo end')).toMatchObject({
    code: 0,
    stdout: 'end\n',
  })
  expect(await close('>&-', 'run', '--rm', 'box', 'sh', '-c', 'echo end; echo err >&2')).toMatchObject({
    code: 0,
    stderr: 'err\n',
  })
  expect((await close('<&- >&- 2>&-', 'run', '-d', '--name', 'c', 'box', 'sleep', '60')).code).toBe(0)
  expect(await lichen.ok('exec', 'c', 'echo', 'well')).toBe('well')
})

lichenTest(
  'containers run, log and are attached to when the store lies at a strange or very long path',
  async ({ bare }) => {
    for (const name of [
      'with space, comma',
      'co:lon',
      'back\\slash "quoted"',
      'new\nline',
      `${'long'.repeat(40)}/${'long'.repeat(40)}`,
    ]) {
      const directory = join(bare.directory, name)
      mkdirSync(directory, { recursive: true })
      const strange = openLichen(directory)
      await strange.ok('import', imagePath('box.tar'), 'box')
      expect(
        await strange.ok('run', '--name', 'x', '-v', 'data:/data', 'box', 'sh', '-c', 'echo well | tee /data/f'),
        name,
      ).toBe('well')
      expect(await strange.ok('logs', 'x'), name).toBe('well')
      await strange.ok('run', '-d', '--name', 'y', '-v', 'data:/data', 'box', 'sleep', '60')
      expect(await strange.ok('exec', 'y', 'cat', '/data/f'), name).toBe('well')
      expect((await strange('exec', 'y', 'no-such-command')).code, name).toBe(127)
      await strange.ok('stop', '-t', '0', 'y')
      await strange.ok('rm', '-a')
      await strange.ok('unshare', 'rm', '-rf', strange.root)
    }
  },
)

lichenTest('a command says so when its working directory was removed', async ({ lichen }) => {
  const gone = join(lichen.directory, 'gone')
  const script = 'mkdir "$0" && cd "$0" && rmdir "$0" && exec "$@"'
  const { code, stderr } = await runProcess(['sh', '-c', script, gone, ...lichen.argv, 'ps'])
  expect({ code, stderr }).toEqual({ code: 125, stderr: expect.stringMatching(ERROR_AND_HINT) })
})

rootTest.skipIf(!isLichen)(
  'verbs say so and the next one works when the disk of the store is full',
  async ({ bare }) => {
    const disk = join(bare.directory, 'disk')
    mkdirSync(disk)
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=8m', 'tmpfs', disk])
    const words = ['--root', join(disk, 'root')]
    try {
      await bare.ok(...words, 'import', imagePath('box.tar'), 'box')
      await bare.ok(...words, 'create', '--name', 'made', 'box', 'echo', 'well')
      await bare.ok(
        ...words,
        'run',
        '-d',
        '--name',
        'runs',
        'box',
        'sh',
        '-c',
        'while :; do echo line; sleep 0.01; done',
      )
      fill(join(disk, 'ballast'))
      for (const verb of [
        ['create', '--name', 'c', 'box', 'true'],
        ['run', '--name', 'c', 'box', 'true'],
        ['start', 'made'],
      ]) {
        const { code, stderr } = await bare(...words, ...verb)
        expect({ verb, code, stderr }).toEqual({ verb, code: 125, stderr: expect.stringMatching(ERROR_AND_HINT) })
        expect(stderr).toMatch(/no space left/i)
      }
      expect(await bare.ok(...words, 'ps', '-a', '--format', '{{.Names}} {{.State}}')).toBe(
        'runs running\nmade created',
      )
      expect(await bare.ok(...words, 'logs', '--tail', '1', 'runs')).toBe('line')
      expect((await bare(...words, 'rm', '-f', '-t', '0', 'runs')).code).toBe(0)
      rmSync(join(disk, 'ballast'))
      expect(await bare.ok(...words, 'start', '-a', 'made')).toBe('well')
      expect(await bare.ok(...words, 'run', '--name', 'c', 'box', 'echo', 'well')).toBe('well')
      await bare.ok(...words, 'rm', '-a')
    } finally {
      execFileSync('umount', ['--lazy', disk])
    }
  },
)

function fill(file: string): void {
  try {
    execFileSync('dd', ['if=/dev/zero', `of=${file}`, 'bs=4k'], { stdio: 'ignore' })
  } catch {
    // it ends with "no space left", as it should
  }
  expect(statSync(file).size).toBeGreaterThan(0)
}

/** Words that run `argv` in a mount namespace of its own, in which there are no such programs: whiteouts in an overlay hide them. */
function withoutPrograms({ directory }: Lichen, names: readonly string[], argv: readonly string[]): string[] {
  const script = `
    mount -t tmpfs tmpfs "$0"
    for places in /usr/bin /usr/sbin /usr/local/bin; do
      layer=$0$places && mkdir -p "$layer/upper" "$layer/work"
      for name in ${names.join(' ')}; do mknod "$layer/upper/$name" c 0 0; done
      mount -t overlay -o "lowerdir=$places,upperdir=$layer/upper,workdir=$layer/work" overlay "$places"
    done
    exec "$@"`
  const scratch = join(directory, 'without')
  mkdirSync(scratch)
  return ['unshare', '--mount', 'sh', '-ec', script, scratch, ...argv]
}
