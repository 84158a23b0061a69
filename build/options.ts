import type { BuildOptions } from 'esbuild'
import { lazyNode, slimPackages } from './lean.ts'

/** CommonJS packages ask for `require` and their own place; ES modules have neither. */
const COMMONJS = [
  "const { createRequire: __createRequire } = process.getBuiltinModule('node:module')",
  'const require = __createRequire(import.meta.url)',
  'const __filename = import.meta.filename',
  'const __dirname = import.meta.dirname',
].join('\n')

/** How what runs on the server is bundled: in few files without names and comments. Native packages stay outside. */
export const BUNDLED = {
  bundle: true,
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
} as const satisfies BuildOptions
