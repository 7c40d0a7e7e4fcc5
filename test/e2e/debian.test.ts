// A whole Debian, as mmdebstrap makes it: thousands of files of dozens of owners, setuid programs, a file capability. Under each
// storage driver of this leg it is what its tar holds and works as a Debian does, and keep-id makes its caller himself in it.
// The drivers share one store, as the layers on disk are the same for all of them.

import { mkdirSync, readdirSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from 'vitest'
import { lichenTest, rootTest, userTest } from '../support/container-test.js'
import { findProgram, isFuseOpen, repository } from '../support/facts.js'
import { hasImage, imagePath } from '../support/images.js'
import type { Lichen } from '../support/lichen.js'
import { mustRun } from '../support/process.js'

const ARCHIVE = imagePath('debian.tar')
const LISTER = join(repository, 'test/support/list-tar.py')
/** Prints for each file what the lister prints for each entry of the tar. */
const FIND = [
  ...['find', '/', '-xdev', '(', '-type', 'd', '-printf', '%y %m %U:%G 0 0 %p -> \\n'],
  ...['-o', '-printf', '%y %m %U:%G %Ts %s %p -> %l\\n', ')'],
]
/** What the engine mounts over the image, for whom it does not know, and where the tests mount. */
const MOUNTED =
  / \/(?:(?:dev|proc|sys|mine)(?:\/\S+)?|etc\/(?:hosts|hostname|resolv\.conf|passwd|group)|run\/\.containerenv) -> /

const canFuse = isFuseOpen && findProgram('fuse-overlayfs') !== undefined
const drivers = ['overlay', ...(canFuse ? ['fuse-overlayfs'] : []), 'copy']

/** Runs a command in a container; insists on exit code 0 and returns what was printed. */
type Exec = (...words: string[]) => Promise<string>

async function withDebian(
  lichen: Lichen,
  { driver, flags }: { readonly driver: string; readonly flags: readonly string[] },
  test: (exec: Exec) => Promise<void>,
): Promise<void> {
  const words = ['run', '-d', '--name', driver, '--network', 'none', ...flags, 'debian', 'sleep', '600']
  await lichen.ok('--storage-driver', driver, ...words)
  expect(await lichen.ok('inspect', '--format', '{{.Driver}}', driver)).toBe(driver)
  await test((...command) => lichen.ok('exec', driver, ...command))
  await lichen.ok('rm', '--force', '--time', '0', driver)
}

const ofImage = (lines: string): string[] =>
  lines
    .split('\n')
    .filter((line) => !MOUNTED.test(line))
    .sort()

const listArchive = async (): Promise<string[]> => ofImage(await mustRun(['python3', LISTER, ARCHIVE]))

lichenTest.skipIf(!hasImage('debian.tar'))(
  'a Debian has the files its tar holds and works as one when each storage driver runs it',
  async ({ bare }) => {
    await bare.ok('import', '--quiet', ARCHIVE, 'debian')
    const entries = await listArchive()
    expect(entries.length).toBeGreaterThan(6000)
    for (const driver of drivers)
      await withDebian(bare, { driver, flags: [] }, async (exec) => {
        expect(ofImage(await exec(...FIND)), driver).toEqual(entries)
        expect(await exec('apt-get', '--version')).toMatch(/^apt \d/)
        expect(await exec('su', '-s', '/bin/sh', 'nobody', '-c', 'id')).toBe(
          'uid=65534(nobody) gid=65534(nogroup) groups=65534(nogroup)',
        )
        expect(await exec('stat', '-c', '%a %U %G', '/usr/bin/passwd', '/usr/bin/chage')).toBe(
          '4755 root root\n2755 root shadow',
        )
        expect(await exec('getcap', '-r', '/usr')).toBe('/usr/bin/true cap_net_raw=ep')
        // dpkg compares every file of a package with the checksum it was packed with
        const packages = await exec('sh', '-ec', 'dpkg -l apt; dpkg --audit; dpkg --verify dpkg coreutils')
        expect(packages).toMatch(/^ii {2}apt .*$/m)
        const addUser =
          'useradd -m joe; chown joe:games /opt; su joe -c "echo $(stat -c %U:%G /opt) >~/file"; cat ~joe/file'
        expect(await exec('sh', '-ec', addUser)).toBe('joe:games')
      })
  },
)

userTest.skipIf(!hasImage('debian.tar'))(
  'run --userns keep-id makes its caller himself among files that keep their owners when each storage driver runs it',
  async ({ bare }) => {
    await bare.ok('import', '--quiet', ARCHIVE, 'debian')
    const entries = await listArchive()
    const [uid, gid, name] = [process.getuid?.(), process.getgid?.(), process.env.USER ?? '']
    const mine = join(bare.directory, 'mine')
    mkdirSync(mine, { mode: 0o700 })
    writeFileSync(join(mine, 'before'), '')
    const script = `id -u; id -g; whoami; groups; stat -c %U:%G /mine/before; stat -c %U:%a /etc/shadow /usr/bin/passwd
      cat /etc/shadow 2>&1; touch /etc/x 2>&1; date >/mine/$0`
    for (const driver of drivers)
      await withDebian(bare, { driver, flags: ['--userns', 'keep-id', '-v', `${mine}:/mine`] }, async (exec) => {
        expect((await exec('sh', '-c', script, driver)).split('\n')).toEqual([
          ...[String(uid), String(gid), name, name, `${name}:${name}`, 'root:640', 'root:4755'],
          'cat: /etc/shadow: Permission denied',
          "touch: cannot touch '/etc/x': Permission denied",
        ])
        expect(statSync(join(mine, driver))).toMatchObject({ uid, gid })
        expect(ofImage(await bare.ok('exec', '--user', 'root', driver, ...FIND)), driver).toEqual(entries)
      })
  },
)

rootTest('run --userns keep-id fails with 125 and a reason when root asks for it', async ({ lichen }) => {
  const result = await lichen('run', '--rm', '--userns', 'keep-id', 'box', 'true')
  expect(result.code).toBe(125)
  expect(result.stderr).toContain('keep-id is only supported in rootless mode')
})

lichenTest.skipIf(!hasImage('debian.tar'))(
  'a Debian is read-only, privileged, under an init and at work on a project when that is said',
  async ({ bare }) => {
    await bare.ok('import', '--quiet', ARCHIVE, 'debian')
    const debian = ['run', '--rm', '--network', 'none']
    const write = 'touch /tmp/a /run/a /var/tmp/a /dev/shm/a; touch /etc/a'
    const readOnly = await bare(...debian, '--read-only', 'debian', 'sh', '-c', write)
    expect(readOnly).toMatchObject({ code: 1, stderr: "touch: cannot touch '/etc/a': Read-only file system\n" })
    const mount = 'mount -t tmpfs none /mnt; stat -f -c %T /mnt'
    expect(await bare.ok(...debian, '--privileged', 'debian', 'sh', '-ec', mount)).toBe('tmpfs')
    // an orphan becomes the child of process 1, which must reap it
    const orphan = '(sleep 0.1 &); sleep 0.5; echo $$; grep -l "^State:.Z" /proc/[0-9]*/status || echo none'
    expect(await bare.ok(...debian, '--init', 'debian', 'sh', '-c', orphan)).toBe('2\nnone')
    const project = join(bare.directory, 'project')
    mkdirSync(project)
    writeFileSync(join(project, 'input'), 'words of mine\n')
    const build = 'wc -w <input >output; mkdir out; perl -ne "print uc" input >out/upper; cat output out/upper'
    const work = [...debian, '-v', `${project}:/src`, '-w', '/src', 'debian', 'sh', '-ec', build]
    expect(await bare.ok(...work)).toBe('3\nWORDS OF MINE')
    expect(readdirSync(project).sort()).toEqual(['input', 'out', 'output'])
    for (const made of ['output', 'out', 'out/upper'])
      expect(statSync(join(project, made)).uid, made).toBe(process.getuid?.())
  },
)
