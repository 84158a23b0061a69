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
  target: 'node26',
  external: ['better-sqlite3', 'bcrypt'],
  plugins: [slimPackages, lazyNode],
  legalComments: 'none',
  logLevel: 'warning',
} as const satisfies BuildOptions

/** How a program is bundled: as one ES module. */
export const BUNDLED = { ...LEAN, format: 'esm', banner: { js: COMMONJS } } as const satisfies BuildOptions

/** Packages that few installations need: each is a bundle of its own that is read when it is first imported. */
export const APART = ['mqtt'] as const

const apart: Plugin = {
  name: 'apart',
  setup({ onResolve }) {
    const filter = new RegExp(`^(${APART.join('|')})$`)
    onResolve({ filter }, ({ path }) => ({ path: `./${path}.cjs`, external: true }))
  },
}

/** How the server is bundled. */
export const SERVER = { ...BUNDLED, plugins: [apart, ...BUNDLED.plugins] } as const satisfies BuildOptions
