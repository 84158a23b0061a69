import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { build } from 'esbuild'
import { lazyNode, slimPackages } from './lean.ts'

/**
 * Makes `dist/`: the server and its commands in few files without names and comments, because V8 keeps the source of what
 * it runs. Native packages stay outside. `npm run build`.
 */
const HOME = join(import.meta.dirname, '..')

/** CommonJS packages ask for `require` and their own place; ES modules have neither. */
const COMMONJS = [
  "const { createRequire: __createRequire } = process.getBuiltinModule('node:module')",
  'const require = __createRequire(import.meta.url)',
  'const __filename = import.meta.filename',
  'const __dirname = import.meta.dirname',
].join('\n')

await rm(join(HOME, 'dist'), { recursive: true, force: true })
await build({
  entryPoints: [join(HOME, 'src/server.ts'), join(HOME, 'src/backup.ts')],
  outdir: join(HOME, 'dist'),
  bundle: true,
  splitting: true,
  minify: true,
  keepNames: false,
  platform: 'node',
  format: 'esm',
  target: 'node24',
  external: ['better-sqlite3', 'bcrypt'],
  // `depd` reads the stack at load time; its variant for browsers does not, and warns nobody either.
  alias: { depd: 'depd/lib/browser/index.js' },
  plugins: [slimPackages, lazyNode],
  banner: { js: COMMONJS },
  legalComments: 'none',
  logLevel: 'warning',
})
