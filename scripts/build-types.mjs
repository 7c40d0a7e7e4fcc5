// dist/types/**.d.ts: the types of the API, from src/index.ts. Checking types is scripts/check's.

import { execFileSync } from 'node:child_process'
import path from 'node:path'
import { ROOT } from './build-files.mjs'

const tsc = path.join(ROOT, 'node_modules/typescript/bin/tsc')
const options = ['--emitDeclarationOnly', '--outDir', 'dist/types', '--noCheck']
execFileSync(process.execPath, [tsc, '-p', 'tsconfig.build.json', ...options], { cwd: ROOT, stdio: 'inherit' })
