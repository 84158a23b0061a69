import type { BuildOptions, Plugin } from 'esbuild'
import { lazyNode, slimPackages } from './lean.ts'

/** CommonJS packages ask for `require` and their own place; ES modules have neither. */
const COMMONJS = [
  "const { createRequire: __createRequire } = process.getBuiltinModule('node:module')",
  'const require = __createRequire(import.meta.url)',
  'const __filename = import.meta.filename',
  'const __dirname = import.meta.dirname',
].join('\n')

/** In few files without names and comments. Native packages stay outside. */
const LEAN = {
  bundle: true,
  minify: true,
  keepNames: false,
  platform: 'node',
  target: 'node24',
  external: ['better-sqlite3', 'bcrypt'],
  // `depd` reads the stack at load time; its variant for browsers does not, and warns nobody either.
  alias: { depd: 'depd/lib/browser/index.js' },
  plugins: [slimPackages, lazyNode],
  legalComments: 'none',
  logLevel: 'warning',
} as const satisfies BuildOptions

/** How commands are bundled: as modules. */
export const BUNDLED = { ...LEAN, format: 'esm', banner: { js: COMMONJS } } as const satisfies BuildOptions

/** Packages that most never need: each in a bundle of its own beside the program's, which stays unread until then. */
export const APART = ['mqtt'] as const

const apart: Plugin = {
  name: 'apart',
  setup({ onResolve }) {
    const filter = new RegExp(`^(${APART.join('|')})$`)
    onResolve({ filter }, ({ path }) => ({ path: `./${path}.cjs`, external: true }))
  },
}

/** How the server is bundled: as one function that `src/program/program.ts` calls. */
export const PROGRAM = {
  ...LEAN,
  format: 'cjs',
  plugins: [apart, ...LEAN.plugins],
  supported: { 'dynamic-import': false },
  define: { 'import.meta.filename': '__filename', 'import.meta.dirname': '__dirname' },
  banner: { js: '(function (require, __filename, __dirname) {' },
  footer: { js: '})' },
  charset: 'ascii',
  logOverride: { 'empty-import-meta': 'error' },
} as const satisfies BuildOptions
