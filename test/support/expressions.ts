import { globSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { parse } from 'acorn'
import { transformSync } from 'esbuild'

/** A regular expression as the source has it. */
export interface Expression {
  /** From the root of the project. */
  readonly file: string
  /** `/…/flags`, or the text that `new RegExp` or the `pattern` of a schema is given. */
  readonly source: string
}

const root = fileURLToPath(new URL('../..', import.meta.url))

/** Every regular expression in the source of the server: literals, what `RegExp` makes, and the patterns of schemas. */
export function expressionsOf(places: readonly string[]): Expression[] {
  const files = places
    .flatMap(place => (place.endsWith('.ts') ? [place] : globSync(`${place}/**/*.ts`, { cwd: root })))
    .sort()
  return files.flatMap(file => {
    const { code } = transformSync(readFileSync(`${root}/${file}`, 'utf8'), { loader: 'ts' })
    const tree: unknown = parse(code, { ecmaVersion: 'latest', sourceType: 'module' })
    return [...new Set(sourcesIn(tree, code))].map(source => ({ file, source }))
  })
}

type Node = Readonly<Record<string, unknown>>

function* sourcesIn(tree: unknown, code: string): Generator<string> {
  if (typeof tree !== 'object' || tree === null) return
  const node = tree as Node
  if (node.type === 'Literal' && 'regex' in node) yield String(node.raw)
  if (node.type === 'NewExpression' || node.type === 'CallExpression') {
    const [first] = node.arguments as Node[]
    if ((node.callee as Node).name === 'RegExp' && first) yield textOf(first, code)
  }
  if (node.type === 'Property' && (node.key as Node).name === 'pattern') {
    const value = node.value as Node
    if (value.type === 'Literal') yield textOf(value, code)
  }
  if (node.type === 'VariableDeclarator' && isPattern(node.init as Node | null))
    yield textOf(node.init as Node, code)
  for (const child of Object.values(node)) yield* sourcesIn(child, code)
}

/** A text that begins with `^` is the pattern of a schema that has a name. */
function isPattern(node: Node | null): boolean {
  return node?.type === 'Literal' && typeof node.value === 'string' && node.value.startsWith('^')
}

function textOf(node: Node, code: string): string {
  return node.type === 'Literal' ? String(node.value) : code.slice(Number(node.start), Number(node.end))
}
